package dev.holdfast.lock.spring;

/**
 * What happens when the lock is lost while the method runs. Whatever is chosen, a {@link LockLostEvent} is published and
 * {@link LockContext} tells the method.
 *
 * <p>An exception of the method's own is never replaced; it carries the {@link dev.holdfast.lock.LockLostException} as suppressed.
 */
public enum OnLost {
    /**
     * Interrupts the thread while it is in the method, and throws {@link dev.holdfast.lock.LockLostException} when the method ends. What
     * the method threw because of that interrupt is suppressed in it. The thread is never interrupted after the method has ended. A future
     * or stream that the method has returned is cancelled, and its caller told at once.
     */
    INTERRUPT,
    /** Lets the method finish, then throws {@link dev.holdfast.lock.LockLostException}. */
    THROW,
    /** Lets the method finish and return as if nothing had happened. */
    NOTIFY
}
