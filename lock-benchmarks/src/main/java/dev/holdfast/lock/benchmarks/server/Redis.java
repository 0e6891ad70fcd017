package dev.holdfast.lock.benchmarks.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Redis from the distribution, as it is without a configuration file, or with an fsync for each write. */
final class Redis {

    private Redis() {}

    static boolean present() {
        return Programs.find("redis-server").isPresent();
    }

    static Server start(boolean fsync) {
        Path directory = ServerProcess.directory("redis");
        int port = ServerProcess.freePort();
        List<String> command = new ArrayList<>(List.of(
                "redis-server",
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                directory.toString()));
        if (fsync) {
            command.addAll(List.of("--appendonly", "yes", "--appendfsync", "always"));
        }
        ServerProcess process = ServerProcess.start(directory, port, command);
        return new SingleServer(process, "127.0.0.1:" + port);
    }
}
