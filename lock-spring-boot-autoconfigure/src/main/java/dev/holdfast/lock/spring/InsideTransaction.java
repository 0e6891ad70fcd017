package dev.holdfast.lock.spring;

/**
 * What happens when a {@link DistributedLock} method takes a lock while a transaction runs on its thread. The lock is released when
 * the method ends, before that transaction commits, so the next holder may not see what was written under it.
 */
public enum InsideTransaction {
    /** A warning, once for each method. */
    WARN,
    /** {@link IllegalStateException} before the lock is taken. */
    ERROR,
    /** Nothing. */
    IGNORE
}
