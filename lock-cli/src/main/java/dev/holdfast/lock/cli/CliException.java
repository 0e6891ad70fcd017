package dev.holdfast.lock.cli;

import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
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

    /** For who waited, so had nothing yet that could be lost but its place in the queue. */
    static CliException placeLost(LockLostException removed) {
        boolean cutOff = removed.loss().reason() == LockLoss.Reason.EXPIRED;
        return new CliException(
                cutOff ? ExitCode.UNAVAILABLE : ExitCode.NOT_ACQUIRED,
                "the place in the queue was lost: " + removed.loss().detail(),
                removed);
    }

    int exitCode() {
        return exitCode;
    }
}
