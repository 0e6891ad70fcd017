package dev.holdfast.lock;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;

/**
 * Entry point: hands out locks by name. Thread-safe; one per application and etcd cluster is enough, since all its locks share
 * sessions and connections.
 *
 * <p>Made by {@code EtcdLockRegistry.builder()} or {@code MemoryLockRegistry.create()}. Closing it ends every hold and wait.
 */
public interface LockRegistry extends AutoCloseable {

    /**
     * The lock of that name with the {@linkplain #defaults() default options}. Cheap, does no I/O; two calls with one name give the
     * same lock, though not the same object.
     *
     * @throws IllegalArgumentException if the name is blank, too long or not valid Unicode
     */
    LeaseLock lock(String name);

    /** As {@link #lock(String)}, with options of its own. */
    LeaseLock lock(String name, LockOptions options);

    /** As {@link #semaphore(String, int, LockOptions)} with the default options. */
    default LeaseLock semaphore(String name, int permits) {
        return semaphore(name, permits, defaults());
    }

    /**
     * A lock that up to {@code permits} holders have at once, across all processes; each hold is one permit, first come first served.
     * All who use the name must state the same number: a request that finds another, or another kind of lock, ends with {@link
     * LockConflictException}. The number can change once nobody holds or waits. Its fencing tokens serve audits, not fencing.
     *
     * @param permits 1 to {@link LockOptions#MAX_PERMITS}
     * @throws IllegalArgumentException if the name or the number of permits is not allowed
     */
    LeaseLock semaphore(String name, int permits, LockOptions options);

    /** As {@link #readWriteLock(String, LockOptions)} with the default options. */
    default ReadWriteLeaseLock readWriteLock(String name) {
        return readWriteLock(name, defaults());
    }

    /**
     * A lock that many readers or one writer have at once, first come first served, so that neither starves. The write lock is the
     * same as {@link #lock(String) lock(name)}; it excludes readers too.
     *
     * @throws IllegalArgumentException if the name is not allowed
     */
    ReadWriteLeaseLock readWriteLock(String name, LockOptions options);

    /** As {@link #allOf(Collection, LockOptions)} with the default options. */
    default LeaseLock allOf(Collection<String> names) {
        return allOf(names, defaults());
    }

    /**
     * Several names at once, all or nothing, as exclusive locks: one transaction puts all entries at one revision, which is also the
     * fencing token of each. So overlapping sets cannot deadlock, in whatever order they are stated. While it waits for one name it
     * keeps its place in the queues of all. The lock's name is its names in their order, separated by {@code ", "}.
     *
     * @param names 1 to {@link LockOptions#MAX_NAMES}; duplicates count once
     * @throws IllegalArgumentException if there is no name, if there are too many, or if one is not allowed
     */
    LeaseLock allOf(Collection<String> names, LockOptions options);

    /** As {@link #election(String, LockOptions)} with the default options. */
    default LeaderElection election(String name) {
        return election(name, defaults());
    }

    /**
     * An election among the candidates of that name in all processes, also those of {@code etcdctl elect} and of Go's {@code
     * concurrency.Election} on {@code <key-prefix><name>}. An election is an exclusive lock: do not use its name for another.
     *
     * @throws IllegalArgumentException if the name is not allowed, or if {@code renew} is false: a leader stays until it resigns
     */
    LeaderElection election(String name, LockOptions options);

    /** The options of a lock that states none. */
    LockOptions defaults();

    /** What this registry holds and waits for and how its sessions fare, from memory, without I/O. */
    RegistryStatus status();

    /** Who holds and who waits, here and in all other processes, and the removal of one of them by force. */
    LockInspection inspection();

    /**
     * Asks the store for its health in one round trip. The future fails with {@link LockUnavailableException} when no answer came
     * within {@code timeout}.
     */
    CompletableFuture<StoreStatus> ping(Duration timeout);

    /** Takes no more requests from now on: each fails with {@link IllegalStateException}. Holds and releases go on. */
    void stopAccepting();

    /**
     * Ends every wait (with {@link LockUnavailableException}) and every hold (told as lost, reason {@link LockLoss.Reason#CLOSED}),
     * revokes the leases and closes the connection. Returns within the close timeout even if etcd does not answer; what could not be
     * revoked then ends with its TTL. A name within {@link LockOptions#holdAtLeast()} stays closed to others until that is over.
     * Idempotent.
     */
    @Override
    void close();
}
