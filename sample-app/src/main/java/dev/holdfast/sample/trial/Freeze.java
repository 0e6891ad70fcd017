package dev.holdfast.sample.trial;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Stops this process for a while as a debugger, a hypervisor or a full machine can: not one of its threads runs, its connections stay
 * open. A shell of its own lets it go on.
 */
final class Freeze {

    private static final Path SHELL = Path.of("/bin/sh");

    /** Deaf to Ctrl-C, which would leave the process stopped. */
    private static final String SCRIPT = "trap '' INT HUP TERM; kill -STOP \"$0\"; sleep \"$1\"; kill -CONT \"$0\"";

    private Freeze() {}

    /** Why it cannot be done here; empty if it can. */
    static Optional<String> obstacle() {
        if (!Files.isExecutable(SHELL)) {
            return Optional.of("Freezing needs a POSIX shell, and there is no " + SHELL + " here.");
        }
        if (ProcessHandle.current().pid() == 1) {
            return Optional.of("This is process 1 of its container, which nobody in there can stop."
                    + " Start the container with an init process (docker run --init, or init: true).");
        }
        return Optional.empty();
    }

    static void start(Duration length) {
        List<String> command = List.of(
                SHELL.toString(),
                "-c",
                SCRIPT,
                String.valueOf(ProcessHandle.current().pid()),
                String.valueOf(length.toSeconds()));
        try {
            new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("Could not start " + SHELL, e);
        }
    }
}
