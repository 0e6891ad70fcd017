package dev.holdfast.lock;

import org.jspecify.annotations.Nullable;

/** Root of what can go wrong with a lock; each message names the lock, says what happened and what to do. */
public abstract sealed class LockException extends RuntimeException
        permits LockNotAcquiredException,
                LockLostException,
                LockUnavailableException,
                LockConflictException,
                FencedException {

    private final String lockName;

    LockException(String lockName, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.lockName = lockName;
    }

    /** Name of the lock; empty if no particular lock is meant. */
    public String lockName() {
        return lockName;
    }
}
