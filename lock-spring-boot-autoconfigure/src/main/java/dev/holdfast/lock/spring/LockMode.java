package dev.holdfast.lock.spring;

/** Who else may hold the name while a {@link DistributedLock} method runs. */
public enum LockMode {
    /** Nobody. */
    EXCLUSIVE,
    /** Others in this mode, but nobody in {@link #EXCLUSIVE}: the read lock of {@link dev.holdfast.lock.ReadWriteLeaseLock}. */
    SHARED
}
