package dev.holdfast.lock;

import org.jspecify.annotations.Nullable;

/** etcd could not be reached, refused the request or did not answer in time. Nothing is held, and nothing is left behind. */
public final class LockUnavailableException extends LockException {

    public LockUnavailableException(String lockName, String message, @Nullable Throwable cause) {
        super(lockName, message, cause);
    }
}
