package dev.holdfast.lock.cli;

import org.jspecify.annotations.Nullable;

/** Ends the program with a code and one line that says what is wrong and what to do. */
final class CliException extends RuntimeException {

    private final int exitCode;

    CliException(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    static CliException usage(String message) {
        return new CliException(ExitCode.USAGE, message, null);
    }

    int exitCode() {
        return exitCode;
    }
}
