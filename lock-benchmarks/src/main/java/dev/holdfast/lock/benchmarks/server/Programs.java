package dev.holdfast.lock.benchmarks.server;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(DEBIAN_POSTGRESQL)) {
            try (DirectoryStream<Path> versions = Files.newDirectoryStream(DEBIAN_POSTGRESQL, "[0-9]*")) {
                versions.forEach(version -> found.add(version.resolve("bin")));
            } catch (IOException unreadable) {
                return Optional.empty();
            }
        }
        return Stream.concat(
                        found.stream()
                                .sorted(Comparator.comparing(Programs::majorVersion)
                                        .reversed()),
                        find("initdb").map(Path::getParent).stream())
                .filter(bin -> Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("postgres")))
                .findFirst();
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

    private static int majorVersion(Path bin) {
        return Integer.parseInt(bin.getParent().getFileName().toString().replaceAll("\\D.*", ""));
    }
}
