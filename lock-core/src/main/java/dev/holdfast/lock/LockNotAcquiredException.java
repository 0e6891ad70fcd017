package dev.holdfast.lock;

import java.time.Duration;

/** The lock was busy until the wait ended. Nothing is held. */
public final class LockNotAcquiredException extends LockException {

    private final Duration waited;

    public LockNotAcquiredException(String lockName, Duration waited) {
        super(
                lockName,
                "Lock '" + lockName + "' was busy for " + waited.toMillis()
                        + " ms; wait longer, try again later or find its holder",
                null);
        this.waited = waited;
    }

    public Duration waited() {
        return waited;
    }
}
