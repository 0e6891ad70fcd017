package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.Optional;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

/** One run of a method under its holds, and what its caller is told: the method's result or exception, or the loss of a lock. */
final class LockedCall {

    private final List<Hold> holds;
    private final OnLost onLost;

    private @Nullable Object result;
    private @Nullable Throwable failure;
    private boolean interruptedByUs;

    /** @param holds the newest first */
    LockedCall(List<Hold> holds, OnLost onLost) {
        this.holds = holds;
        this.onLost = onLost;
    }

    /** Runs the method, unless one of the holds it enters again is lost, and keeps how it ended. */
    void proceed(MethodInvocation invocation, List<Hold> reentered) {
        Frame frame = Frame.push(holds, onLost);
        try {
            for (Hold hold : reentered) {
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
        Optional<LockLoss> loss = onLost == OnLost.NOTIFY ? Optional.empty() : loss();
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

    private Optional<LockLoss> loss() {
        for (Hold hold : holds) {
            Optional<LockLoss> loss = hold.handle().loss();
            if (loss.isPresent()) {
                return loss;
            }
        }
        return Optional.empty();
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
