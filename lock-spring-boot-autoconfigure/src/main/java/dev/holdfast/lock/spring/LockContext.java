package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockHandle;
import java.util.Optional;

/**
 * The lock that the running {@link DistributedLock} method holds, for its fencing token and to ask whether it is still held. Bound to
 * the thread that called the method; other threads are handed the {@link LockHandle} itself.
 */
public final class LockContext {

    private LockContext() {}

    /**
     * The hold of the innermost locked method on this thread.
     *
     * @throws IllegalStateException if no locked method runs on this thread
     */
    public static LockHandle current() {
        return find().orElseThrow(() -> new IllegalStateException("No @DistributedLock method runs on thread '"
                + Thread.currentThread().getName()
                + "'; call LockContext.current() in its body and pass the handle on to other threads"));
    }

    /** As {@link #current()}, empty if no locked method runs on this thread. */
    public static Optional<LockHandle> find() {
        Frame frame = Frame.current();
        return frame == null ? Optional.empty() : Optional.of(frame.hold().handle());
    }
}
