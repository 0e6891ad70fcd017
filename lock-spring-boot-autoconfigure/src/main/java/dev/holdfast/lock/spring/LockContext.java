package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockHandle;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The lock that the running {@link DistributedLock} method holds, for its fencing token and to ask whether it is still held. Bound to
 * the thread that called the method; other threads are handed the {@link LockHandle} itself.
 *
 * <p>A method that must never run without its lock calls {@link #ensureHeld()} first: it throws if the call came past the proxy, as a
 * call from within the same object does.
 */
public final class LockContext {

    private LockContext() {}

    /**
     * The hold of the innermost locked method on this thread. Of a method that entered locks of others again, the newest; {@link
     * #current(String)} tells them apart.
     *
     * @throws IllegalStateException if no locked method runs on this thread
     */
    public static LockHandle current() {
        return frame().hold().handle();
    }

    /**
     * The hold of that name, taken by the innermost locked method on this thread or by one around it.
     *
     * @param name one that the lock was taken under, such as {@code order:17}
     * @throws IllegalStateException if no locked method on this thread holds it
     */
    public static LockHandle current(String name) {
        Frame innermost = frame();
        Hold hold = innermost.holdOf(name);
        if (hold == null) {
            throw new IllegalStateException("No @DistributedLock method on thread '"
                    + Thread.currentThread().getName() + "' holds '" + name + "'; the innermost holds '"
                    + innermost.hold().handle().name() + "'");
        }
        return hold.handle();
    }

    /** As {@link #current()}, empty if no locked method runs on this thread. */
    public static Optional<LockHandle> find() {
        Frame frame = Frame.current();
        return frame == null ? Optional.empty() : Optional.of(frame.hold().handle());
    }

    /**
     * Throws unless all that the innermost locked method of this thread locks is held, and what the methods around it lock, except those
     * with {@link OnLost#NOTIFY}. No I/O.
     *
     * @throws dev.holdfast.lock.LockLostException if a lock is lost
     * @throws IllegalStateException if no locked method runs on this thread
     */
    public static void ensureHeld() {
        Frame innermost = frame();
        innermost.holds().forEach(hold -> hold.handle().ensureHeld());
        for (Frame frame = innermost.outer(); frame != null; frame = frame.outer()) {
            frame.ensureHeld();
        }
    }

    /**
     * The {@linkplain LockHandle#fencingToken() fencing token} of the innermost locked method on this thread, the same for all elements of
     * a key that is a collection.
     *
     * @throws IllegalStateException if no locked method runs on this thread, or if the method holds its names through several locks,
     *     which have a token each: ask {@link #current(String)} for the one of a name
     * @throws dev.holdfast.lock.LockException as {@link LockHandle#fencingToken()}
     */
    public static long fencingToken() {
        List<Hold> holds = frame().holds();
        if (holds.size() > 1) {
            throw new IllegalStateException("The method holds its names through several locks ("
                    + holds.stream()
                            .map(hold -> "'" + hold.handle().name() + "'")
                            .collect(Collectors.joining(", "))
                    + "), each with a token of its own; ask LockContext.current(name).fencingToken()");
        }
        return holds.get(0).handle().fencingToken();
    }

    private static Frame frame() {
        Frame frame = Frame.current();
        if (frame == null) {
            throw new IllegalStateException("No @DistributedLock method runs on thread '"
                    + Thread.currentThread().getName()
                    + "'. Either the method was called past its proxy, as this.method() does: call it on the injected bean;"
                    + " or the body went on in another thread: pass LockContext.current() on to it");
        }
        return frame;
    }
}
