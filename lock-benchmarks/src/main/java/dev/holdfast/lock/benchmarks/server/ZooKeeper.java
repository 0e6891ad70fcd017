package dev.holdfast.lock.benchmarks.server;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** ZooKeeper's own server from the library that Curator brings, so it needs no package; with its default fsync. */
final class ZooKeeper {

    private ZooKeeper() {}

    static Server start() {
        Path directory = ServerProcess.directory("zookeeper");
        int port = ServerProcess.freePort();
        Path settings = directory.resolve("zoo.cfg");
        try {
            Files.writeString(settings, """
                    tickTime=2000
                    dataDir=%s
                    clientPort=%d
                    clientPortAddress=127.0.0.1
                    maxClientCnxns=0
                    admin.enableServer=false
                    """.formatted(directory.resolve("data"), port));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        ServerProcess process = ServerProcess.start(
                directory,
                port,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-cp",
                        absoluteClassPath(),
                        "org.apache.zookeeper.server.ZooKeeperServerMain",
                        settings.toString()));
        return new SingleServer(process, "127.0.0.1:" + port);
    }

    /** The server runs in another directory. */
    private static String absoluteClassPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
