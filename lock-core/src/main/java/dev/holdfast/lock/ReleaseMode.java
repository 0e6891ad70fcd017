package dev.holdfast.lock;

/** Whether {@link LockHandle#release()} waits until etcd has confirmed that the lock is free. */
public enum ReleaseMode {
    /** It waits, at most the request timeout: who hears of the release finds the lock free. */
    SYNC,
    /**
     * It returns at once, and the rest follows; a request of this registry for the same name comes after it, and {@link
     * LockRegistry#close()} waits for it. Given up: for a moment after the return others may find the lock taken still, and if the
     * process dies in that moment, until the TTL is over. Nobody ever holds it too early.
     */
    ASYNC
}
