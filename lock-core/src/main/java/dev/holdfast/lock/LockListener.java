package dev.holdfast.lock;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Told of what happens to locks and sessions; for metrics, events and logs. Of one hold the calls come in order and never at the same
 * time: {@code acquired}, then {@code released} or {@code lost}, once. Calls are made on the caller's thread or on the registry's
 * callback executor, never on an I/O thread but for {@link #batchSent}; what a listener throws is logged and ignored.
 */
public interface LockListener {

    /**
     * Asked by each registry the listener is given to, which tells what this returns and not the listener itself: to tell several
     * registries apart. The registry is not ready to be used yet.
     */
    default LockListener of(LockRegistry registry) {
        return this;
    }

    /**
     * Asked about each request for a lock, on the caller's thread, before anything else is told of it. Who wants to follow this one
     * request to its end, as a tracer does, returns what is told of it, and null otherwise. Not asked about candidates of an election,
     * who may stand for days.
     */
    default @Nullable RequestListener follow(String name, LockOptions options) {
        return null;
    }

    /** A request waits for its turn or for an answer; {@code acquired} or {@code notAcquired} follows. */
    default void waiting(String name, LockOptions options) {}

    default void acquired(LockHandle handle, LockOptions options, Duration waited) {}

    default void notAcquired(String name, LockOptions options, WaitOutcome outcome, Duration waited) {}

    default void released(LockHandle handle, LockOptions options, Duration held) {}

    /** Enqueued before another session exists, so before this process can get the name again. */
    default void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {}

    /** One attempt to renew a lease ended; {@code roundTrip} is its duration. */
    default void renewal(RegistryStatus.Session session, boolean succeeded, Duration roundTrip) {}

    /** A session began or changed its state. Of all sessions of a registry these calls come in order, one at a time. */
    default void sessionChanged(RegistryStatus.Session session) {}

    /**
     * A request was sent to etcd with so many operations of locks in it, at least one; not all of what is sent, but most. Called for
     * each of them where it is sent, often on an I/O thread, so it must count and return.
     */
    default void batchSent(int operations) {}

    /** Told once how one request ended, just before, and on the same thread as, {@code acquired} or {@code notAcquired}. */
    interface RequestListener {

        void acquired(LockHandle handle);

        /** @param failure what the caller gets; null if the lock was busy, or the request was cancelled */
        void notAcquired(WaitOutcome outcome, @Nullable Throwable failure);
    }

    /** How a request ended. {@link #tag()} is its value in metrics. */
    enum WaitOutcome {
        ACQUIRED,
        BUSY,
        LOST,
        UNAVAILABLE,
        INTERRUPTED,
        ERROR;

        public String tag() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
