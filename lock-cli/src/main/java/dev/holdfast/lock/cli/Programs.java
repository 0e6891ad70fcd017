package dev.holdfast.lock.cli;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds programs as a shell does. */
final class Programs {

    private Programs() {}

    static Optional<Path> onPath(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator))
                .map(directory -> Path.of(directory.isEmpty() ? "." : directory, name))
                .filter(Programs::runs)
                .findFirst();
    }

    /** @throws CliException if there is no such program: better told before the lock is asked for */
    static void check(String name) {
        boolean found = name.contains("/") ? runs(Path.of(name)) : onPath(name).isPresent();
        if (!found) {
            throw CliException.usage("cannot run '" + name + "': "
                    + (name.contains("/") ? "no executable file is there" : "no such program on the PATH")
                    + "; for a line of shell, give --shell");
        }
    }

    private static boolean runs(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
