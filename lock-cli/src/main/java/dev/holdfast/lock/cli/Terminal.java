package dev.holdfast.lock.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a person sits at standard input. */
final class Terminal {

    private static final Path STDIN = Path.of("/proc/self/fd/0");

    private Terminal() {}

    static boolean isStdin() {
        if (!Files.exists(STDIN, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return System.console() != null;
        }
        try {
            String target = Files.readSymbolicLink(STDIN).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException closed) {
            return false;
        }
    }
}
