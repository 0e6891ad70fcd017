package dev.holdfast.lock;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One hold of a lock. Thread-safe: it may be asked and released from any thread. Ends once, either released or lost, and stays ended.
 *
 * <p>A hold that is never released lasts as long as its registry. A pause of the process between {@link #isHeld()} and a side effect
 * can outlive the hold, so what must never be written twice checks the {@linkplain #fencingToken() fencing token}.
 */
public interface LockHandle extends AutoCloseable {

    String name();

    /** The names it holds: of {@link LockRegistry#allOf allOf} all of them, in their order; otherwise its one name. */
    default List<String> names() {
        return List.of(name());
    }

    /**
     * Whether the lock is held now. Computed from the lease's local deadline on the monotonic clock, so it turns false before etcd can
     * give the lock to anybody else, without waiting for a timer or an answer. No I/O.
     */
    boolean isHeld();

    /** Time until the lock is lost unless a renewal succeeds before; zero when it is no longer held. */
    Duration remaining();

    /**
     * @throws LockLostException if the lock is not held now
     * @throws IllegalStateException if it was released
     */
    void ensureHeld();

    /**
     * An etcd revision, strictly greater than every token given to an earlier holder of this name who had to be gone: of an exclusive
     * lock all of them, of a reader all writers before it. A resource that remembers the greatest token it has seen and refuses smaller
     * ones is safe from a holder that was paused. A read hold that was a write hold keeps its token; the tokens of a semaphore's holders
     * serve audits, not fencing. Keeps its value after the hold ended.
     *
     * <p>No I/O, but for a hold that was passed on inside this registry ({@link HandOver}): its token is drawn by the first call, with one
     * write to etcd, which is waited for at most twice the request timeout and not aborted by an interrupt.
     *
     * @throws LockLostException if it was not drawn before the hold was lost
     * @throws IllegalStateException if it was not drawn before the hold was released
     * @throws LockUnavailableException if etcd did not answer the draw; the lock is held still, and the call may be repeated
     */
    long fencingToken();

    /**
     * Counts the caps of the hold anew from now, whatever the options said: held for at most {@code maxHold} more (zero: no limit), and
     * kept from others for at least {@code holdAtLeast} more (zero: no minimum). No I/O.
     *
     * @return false if it is not held now; nothing is changed then
     * @throws IllegalArgumentException if one is negative, or the second is longer than the first
     */
    boolean extend(Duration maxHold, Duration holdAtLeast);

    /** Why the lock was lost; empty while held and after an ordinary release. */
    Optional<LockLoss> loss();

    /**
     * Completes when the lock is lost, on the registry's callback executor, before any {@link LockListener} has been waited for; never
     * completes if it is released. It cannot be completed from outside. What depends on it must not wait there for another such future.
     */
    CompletionStage<LockLoss> lost();

    /**
     * Ends the hold: {@link #isHeld()} is false at once, and the key in etcd is deleted. If the clocks say that the machine slept for
     * longer than the lease lives, etcd is asked before: what it has ended was lost. Waits for etcd's answers at most the request
     * timeout; if none came, the release goes on in the background until it is done or the lease ends. Not aborted by an
     * interrupt. Within {@link LockOptions#holdAtLeast()} the key stays until that time is over; what is waited for then is etcd's
     * confirmation that this no longer depends on this process. Does nothing on a hold that already ended, except that after {@link
     * LockOptions#maxHold()} it says that the work is over, so that others need not wait for the margin.
     */
    void release();

    /**
     * As {@link #release()} without waiting. The future completes when nothing depends on this process any more: the key is gone from
     * etcd, or its lease has ended, or, within {@link LockOptions#holdAtLeast()}, the key is on a lease of its own that ends by itself.
     */
    CompletableFuture<Void> releaseAsync();

    /** The same as {@link #release()}. */
    @Override
    default void close() {
        release();
    }
}
