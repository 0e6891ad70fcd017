package dev.holdfast.lock;

import java.time.Duration;
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

    /** The options of a lock that states none. */
    LockOptions defaults();

    /** What this registry holds and waits for and how its sessions fare, from memory, without I/O. */
    RegistryStatus status();

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
     * revoked then ends with its TTL. Idempotent.
     */
    @Override
    void close();
}
