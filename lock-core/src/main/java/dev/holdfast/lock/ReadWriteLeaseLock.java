package dev.holdfast.lock;

/**
 * A lock that many readers or one writer have at once, first come first served: a reader that comes after a waiting writer waits for
 * it. Immutable and thread-safe.
 *
 * <p>There is no upgrade: a thread that owns the read lock through {@link LeaseLock#asLock()} and asks for the write lock gets {@link
 * IllegalStateException} at once, since it would wait for itself. Downgrade is {@link #downgrade}, or in the views, as in {@link
 * java.util.concurrent.locks.ReentrantReadWriteLock}, locking the read lock before unlocking the write lock.
 */
public interface ReadWriteLeaseLock {

    String name();

    /** Held by any number of readers at once, while no writer holds. */
    LeaseLock readLock();

    /** Held by one writer alone. */
    LeaseLock writeLock();

    /**
     * Turns a write hold into a read hold without a gap: the write hold ends as if released, the read hold begins with the same fencing
     * token, and readers who wait behind it come in. Waits for etcd's answer at most the request timeout; if none came, it goes on in
     * the background, and others stay out until it is done.
     *
     * @param writeHold a hold of {@link #writeLock()} of this name, made by the same registry
     * @return the read hold
     * @throws LockLostException if the write hold was lost
     * @throws IllegalStateException if it was released
     * @throws IllegalArgumentException if it is another lock's
     */
    LockHandle downgrade(LockHandle writeHold);
}
