package dev.holdfast.lock;

/** Contenders for one name disagree on its kind or on the number of permits. Nothing is held, and nothing is left behind. */
public final class LockConflictException extends LockException {

    public LockConflictException(String lockName, String message) {
        super(lockName, message, null);
    }
}
