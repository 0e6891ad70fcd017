package dev.holdfast.lock.spring;

/** What a call does when the lock was busy for its whole {@link DistributedLock#waitTime() wait time}. */
public enum OnBusy {
    /** Throws {@link dev.holdfast.lock.LockNotAcquiredException}. */
    THROW,
    /**
     * Does not run the method and returns {@code null}, or {@code Optional.empty()} where the method returns an {@code Optional}. A future
     * completes with that, a stream is empty.
     */
    SKIP
}
