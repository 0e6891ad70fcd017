package dev.holdfast.lock;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;

/**
 * A lock by name, held by at most one holder across all processes. Immutable and thread-safe.
 *
 * <p>{@code acquire} is not re-entrant: each call asks for a hold of its own. {@link #asLock()} is the re-entrant, thread-owned view.
 * Besides the exceptions named, every method that acquires throws {@link LockUnavailableException} when etcd does not answer in
 * time (nothing is held then, and nothing is left behind), {@link LockLostException} when the place in the queue was lost while
 * waiting, and {@link IllegalStateException} when the registry is closed.
 */
public interface LeaseLock {

    String name();

    LockOptions options();

    /**
     * Waits for the lock, at most {@link LockOptions#waitTime()}.
     *
     * @throws LockNotAcquiredException if it was busy until the wait ended
     * @throws InterruptedException if interrupted while waiting; nothing is held then
     */
    LockHandle acquire() throws InterruptedException;

    /** Takes the lock if it is free, in one round trip, without waiting for another holder; empty if it is busy. */
    Optional<LockHandle> tryAcquire();

    /**
     * Waits for the lock at most {@code wait}; empty if it was busy until then. Zero means no wait, as {@link #tryAcquire()}.
     *
     * @throws InterruptedException if interrupted while waiting; nothing is held then
     */
    Optional<LockHandle> tryAcquire(Duration wait) throws InterruptedException;

    /**
     * As {@link #tryAcquire(Duration)} without holding a thread. Cancelling the future withdraws the request; a hold granted at that
     * very moment is released. The future completes on the registry's callback executor, never on an I/O thread; what depends on it must
     * not wait there for another such future.
     */
    CompletableFuture<Optional<LockHandle>> tryAcquireAsync(Duration wait);

    /**
     * A {@link Lock} owned by threads and re-entrant, shared by all views of this name in the registry. {@code unlock} by another
     * thread throws {@link IllegalMonitorStateException}; the last {@code unlock} of a hold that was lost throws
     * {@link LockLostException}. Conditions are not supported. {@code lock()} waits without limit.
     *
     * <p>A thread that ends without unlocking goes on owning: the hold is renewed until the registry is closed or the process ends. So
     * unlock in {@code finally}. Virtual threads own as others do, and leave their carrier while they wait.
     */
    Lock asLock();

    /**
     * Acquires as {@link #acquire()}, runs the task and releases.
     *
     * @throws LockLostException if the lock was lost while the task ran; an exception of the task wins and carries it as suppressed
     */
    default void run(Runnable task) throws InterruptedException {
        LockHandle handle = acquire();
        try (handle) {
            task.run();
        } catch (Throwable failure) {
            suppressLoss(handle, failure);
            throw failure;
        }
        throwIfLost(handle);
    }

    /** As {@link #run(Runnable)}, with a result. */
    default <T> T call(Callable<T> task) throws Exception {
        T result;
        LockHandle handle = acquire();
        try (handle) {
            result = task.call();
        } catch (Throwable failure) {
            suppressLoss(handle, failure);
            throw failure;
        }
        throwIfLost(handle);
        return result;
    }

    private static void suppressLoss(LockHandle handle, Throwable failure) {
        handle.loss().ifPresent(loss -> {
            if (!(failure instanceof LockLostException)) {
                failure.addSuppressed(new LockLostException(loss));
            }
        });
    }

    private static void throwIfLost(LockHandle handle) {
        handle.loss().ifPresent(loss -> {
            throw new LockLostException(loss);
        });
    }
}
