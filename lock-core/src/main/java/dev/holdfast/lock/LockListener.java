package dev.holdfast.lock;

import java.time.Duration;

/**
 * Told of what happens to locks and sessions; for metrics, events and logs. Of one hold the calls come in order and never at the same
 * time: {@code acquired}, then {@code released} or {@code lost}, once. Calls are made on the caller's thread or on the registry's
 * callback executor, never on an I/O thread; what a listener throws is logged and ignored.
 */
public interface LockListener {

    /** A request waits for its turn or for an answer; {@code acquired} or {@code notAcquired} follows. */
    default void waiting(String name, LockOptions options) {}

    default void acquired(LockHandle handle, LockOptions options, Duration waited) {}

    default void notAcquired(String name, LockOptions options, WaitOutcome outcome, Duration waited) {}

    default void released(LockHandle handle, LockOptions options, Duration held) {}

    /** Enqueued before another session exists, so before this process can get the name again. */
    default void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {}

    /** One attempt to renew a lease ended; {@code roundTrip} is its duration. */
    default void renewal(RegistryStatus.Session session, boolean succeeded, Duration roundTrip) {}

    default void sessionChanged(RegistryStatus.Session session) {}

    /** A request was sent to etcd with so many operations of locks in it, at least one; not all of what is sent, but most. */
    default void batchSent(int operations) {}

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
