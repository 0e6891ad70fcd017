package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Optional;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

/** One run of a method under a hold, and what its caller is told: the method's result or exception, or the loss of the lock. */
final class LockedCall {

    private final Hold hold;
    private final OnLost onLost;

    private @Nullable Object result;
    private @Nullable Throwable failure;
    private boolean interruptedByUs;

    LockedCall(Hold hold, OnLost onLost) {
        this.hold = hold;
        this.onLost = onLost;
    }

    /** Runs the method and keeps how it ended; {@code held} before it if {@code ensureHeld}. */
    void proceed(MethodInvocation invocation, boolean ensureHeld) {
        Frame frame = Frame.push(hold, onLost);
        try {
            if (ensureHeld) {
                hold.handle().ensureHeld();
            }
            result = invocation.proceed();
        } catch (Throwable thrown) {
            failure = thrown;
        } finally {
            interruptedByUs = frame.pop();
        }
        // An InterruptedException has used our flag up: if it is set now, somebody else set it.
        if (interruptedByUs && !(failure instanceof InterruptedException)) {
            Thread.interrupted();
        }
    }

    /** Asked after the release, when it is settled whether the hold was lost. */
    @Nullable
    Object result() throws Throwable {
        Optional<LockLoss> loss =
                onLost == OnLost.NOTIFY ? Optional.empty() : hold.handle().loss();
        if (loss.isEmpty() || failure instanceof LockLostException) {
            return resultOfMethod();
        }
        LockLostException lost = new LockLostException(loss.get());
        if (failure == null) {
            throw lost;
        }
        if (interruptedByUs && isInterruption(failure)) {
            lost.addSuppressed(failure);
            throw lost;
        }
        failure.addSuppressed(lost);
        throw failure;
    }

    private @Nullable Object resultOfMethod() throws Throwable {
        if (failure != null) {
            throw failure;
        }
        return result;
    }

    private static boolean isInterruption(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            boolean interruptedIo =
                    cause instanceof InterruptedIOException && !(cause instanceof SocketTimeoutException);
            if (interruptedIo || cause instanceof InterruptedException || cause instanceof ClosedByInterruptException) {
                return true;
            }
        }
        return false;
    }
}
