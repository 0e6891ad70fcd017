package dev.holdfast.lock.benchmarks.server;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Programs of this machine. */
public final class Programs {

    private static final Path DEBIAN_POSTGRESQL = Path.of("/usr/lib/postgresql");

    private Programs() {}

    public static Optional<Path> find(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The directory with {@code initdb} and {@code postgres}, which Debian keeps off the {@code PATH}; the newest version. */
    static Optional<Path> postgresql() {
        return Stream.concat(
                        debianPostgresql(),
                        find("initdb").flatMap(program -> Optional.ofNullable(program.getParent())).stream())
                .filter(bin -> Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("postgres")))
                .findFirst();
    }

    private static Stream<Path> debianPostgresql() {
        String[] versions = DEBIAN_POSTGRESQL.toFile().list();
        return versions == null
                ? Stream.empty()
                : Stream.of(versions)
                        .filter(version -> version.matches("\\d+"))
                        .sorted(Comparator.<String>comparingInt(Integer::parseInt)
                                .reversed())
                        .map(version -> DEBIAN_POSTGRESQL.resolve(version).resolve("bin"));
    }

    /** What a program prints first, for example its version; empty if it does not run. */
    public static Optional<String> firstLine(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return output.lines().findFirst().map(String::trim);
        } catch (IOException missing) {
            return Optional.empty();
        }
    }
}
