package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.server.Programs;
import dev.holdfast.lock.benchmarks.worker.Latencies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/** Where and with what a run was made. */
final class Environment {

    private static final int FSYNCS = 200;
    private static final double BYTES_PER_MIB = 1024.0 * 1024;
    private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)+");
    private static final Pattern LIBRARY = Pattern.compile(
            "(jetcd-core|grpc-netty|redisson|curator-recipes|zookeeper|spring-integration-core|lettuce-core|HikariCP|postgresql|shedlock-core)-(\\d[^/]*)\\.jar");

    private Environment() {}

    static void write(ObjectMapper json, Path directory, Plan plan, boolean quick, Optional<Jdk> virtual) {
        ObjectNode all = json.createObjectNode();
        all.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        all.put("quick", quick);
        Programs.firstLine("git", "rev-parse", "--short", "HEAD").ifPresent(commit -> all.put("commit", commit));
        ObjectNode machine = all.putObject("machine");
        machine.put("cores", Runtime.getRuntime().availableProcessors());
        machine.put("memoryMiB", Math.round(memoryBytes() / BYTES_PER_MIB));
        machine.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("architecture", System.getProperty("os.arch"));
        machine.put("fsyncP50Micros", fsyncMicros());
        ObjectNode versions = all.putObject("versions");
        versions.put("jdk", Jdk.running().version());
        virtual.ifPresent(jdk -> versions.put("jdkVirtual", jdk.version()));
        version(versions, "etcd", "etcd", "--version");
        version(versions, "redis", "redis-server", "--version");
        version(versions, "postgresql", "postgres", "--version");
        versions.put("go", Programs.firstLine("go", "version").orElse("none"));
        libraries().forEach(all.putObject("libraries")::put);
        all.set("leftOut", json.valueToTree(plan.leftOut()));
        try {
            Files.writeString(
                    directory.resolve("environment.json"),
                    json.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void version(ObjectNode versions, String name, String... command) {
        Programs.firstLine(command)
                .map(NUMBER::matcher)
                .filter(Matcher::find)
                .ifPresent(found -> versions.put(name, found.group()));
    }

    /** From the names of the jars on the class path. */
    private static Map<String, String> libraries() {
        Map<String, String> libraries = new TreeMap<>();
        Matcher jar = LIBRARY.matcher(classPath());
        while (jar.find()) {
            libraries.put(jar.group(1), jar.group(2));
        }
        return libraries;
    }

    /** The class path is one jar whose manifest names the others, which lie beside it. */
    private static String classPath() {
        String path = System.getProperty("java.class.path");
        Path libraries = Path.of(path.split(java.io.File.pathSeparator)[0]).resolveSibling("lib");
        if (!Files.isDirectory(libraries)) {
            return path;
        }
        try (var files = Files.list(libraries)) {
            return path + files.map(file -> "/" + file.getFileName()).reduce("", String::concat);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static long memoryBytes() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : 0;
    }

    /** The disk under the temporary directories, where the servers have their data. */
    private static double fsyncMicros() {
        Latencies times = new Latencies();
        try {
            Path file = Files.createTempFile("holdfast-bench", ".fsync");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                ByteBuffer block = ByteBuffer.allocate(4096);
                for (int i = 0; i < FSYNCS; i++) {
                    channel.write(block.rewind());
                    long begin = System.nanoTime();
                    channel.force(false);
                    times.record(System.nanoTime() - begin);
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return times.percentileMicros(50);
    }
}
