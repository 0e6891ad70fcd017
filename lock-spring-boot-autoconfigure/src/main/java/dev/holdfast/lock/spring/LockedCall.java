package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** One run of a method under its holds, and what its caller is told: the method's result or exception, or the loss of a lock. */
final class LockedCall {

    private final List<Hold> holds;
    private final OnLost onLost;
    private final @Nullable Frame enclosing;

    private @Nullable Frame frame;
    private @Nullable Object result;
    private @Nullable Throwable failure;
    private boolean interruptedByUs;

    /** @param holds the newest first */
    LockedCall(List<Hold> holds, OnLost onLost) {
        this(holds, onLost, Frame.current());
    }

    /** @param enclosing the frame around the call, perhaps of another thread */
    LockedCall(List<Hold> holds, OnLost onLost, @Nullable Frame enclosing) {
        this.holds = holds;
        this.onLost = onLost;
        this.enclosing = enclosing;
    }

    /** Runs the method, unless one of those holds is lost, and keeps how it ended. */
    void proceed(Body body, List<Hold> wanted) {
        Frame before = Frame.current();
        Frame frame = Frame.push(holds, onLost, enclosing);
        this.frame = frame;
        try {
            for (Hold hold : wanted) {
                hold.handle().ensureHeld();
            }
            result = body.run();
        } catch (Throwable thrown) {
            failure = thrown;
        } finally {
            interruptedByUs = frame.pop(before);
        }
        // An InterruptedException has used our flag up: if it is set now, somebody else set it.
        if (interruptedByUs && !(failure instanceof InterruptedException)) {
            Thread.interrupted();
        }
    }

    /** Asked after the release, when it is settled whether the hold was lost. */
    @Nullable
    Object result() throws Throwable {
        Throwable told = told(failure);
        if (told != null) {
            throw told;
        }
        return result;
    }

    /** What the method returned or threw, whatever became of the lock. */
    @Nullable
    Object returned() throws Throwable {
        if (failure != null) {
            throw failure;
        }
        return result;
    }

    /** What the caller is told of a run that ended, perhaps later, with {@code failure}, or without one; null: of its result. */
    @Nullable
    Throwable told(@Nullable Throwable failure) {
        Optional<LockLoss> loss = onLost == OnLost.NOTIFY ? Optional.empty() : loss();
        if (loss.isEmpty()) {
            return failure;
        }
        LockLostException lost = new LockLostException(loss.get());
        if (failure == null) {
            return lost;
        }
        // get() shows the cause only.
        Throwable own =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (own instanceof LockLostException) {
            return failure;
        }
        if (interruptedByUs && isInterruption(failure)) {
            lost.addSuppressed(failure);
            return lost;
        }
        own.addSuppressed(lost);
        return failure;
    }

    /** The frame in which the method ran. */
    Frame frame() {
        return Objects.requireNonNull(frame);
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

    /** The method, with what Spring has put between the lock and it. */
    @FunctionalInterface
    interface Body {
        @Nullable
        Object run() throws Throwable;
    }
}
