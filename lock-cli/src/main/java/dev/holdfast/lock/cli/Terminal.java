package dev.holdfast.lock.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a person sits at one of our streams. */
final class Terminal {

    private static final Path STREAMS = Path.of("/proc/self/fd");

    private Terminal() {}

    static boolean isStdin() {
        return is(0);
    }

    static boolean isStderr() {
        return is(2);
    }

    private static boolean is(int stream) {
        Path link = STREAMS.resolve(Integer.toString(stream));
        if (!Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return System.console() != null;
        }
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException closed) {
            return false;
        }
    }
}
