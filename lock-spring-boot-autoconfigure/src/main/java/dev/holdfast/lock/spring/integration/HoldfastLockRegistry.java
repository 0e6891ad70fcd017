package dev.holdfast.lock.spring.integration;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.integration.support.locks.RenewableLockRegistry;

/**
 * Locks of Spring Integration on Holdfast: for aggregators, resequencers, {@code LockRequestHandlerAdvice}, {@code
 * LockRegistryLeaderInitiator} and {@code executeLocked}. A lock belongs to a thread, which may enter it again; the threads of one
 * registry and all other holders of the name, in whatever process, exclude each other. Thread-safe.
 *
 * <p>Holds are renewed in the background until unlocked, as theirs are with a renewal scheduler. So a time-to-live, the caller's or
 * that of the options, only says how long the lock outlives a holder that died or was cut off; it does not end a hold. It is rounded up
 * to whole seconds and moved into {@link LockOptions#MIN_TTL} to {@link LockOptions#MAX_TTL}.
 *
 * <p>Nothing is kept for a key that is not locked, so there is no cache to limit or expire. Closing the {@link LockRegistry} is left to
 * whoever made it.
 */
public final class HoldfastLockRegistry implements RenewableLockRegistry<DistributedLock> {

    private final LockRegistry registry;
    private final String namePrefix;
    private final LockOptions options;
    private final ThreadHolds holds = new ThreadHolds();

    /** With the registry's default options; the lock of a key is that of the same name. */
    public HoldfastLockRegistry(LockRegistry registry) {
        this(registry, "");
    }

    /** As {@link #HoldfastLockRegistry(LockRegistry)}, with a text put before every key. */
    public HoldfastLockRegistry(LockRegistry registry, String namePrefix) {
        this(registry, namePrefix, registry.defaults());
    }

    /**
     * As {@link #HoldfastLockRegistry(LockRegistry, String)}, with options of its own; their wait time is not used.
     *
     * @throws IllegalArgumentException if the options switch renewing off
     */
    public HoldfastLockRegistry(LockRegistry registry, String namePrefix, LockOptions options) {
        if (!options.renew()) {
            throw new IllegalArgumentException("options.renew is false, but this registry promises renewable locks;"
                    + " leave it on and cap the hold with maxHold instead");
        }
        this.registry = registry;
        this.namePrefix = namePrefix;
        this.options = options;
    }

    /**
     * The lock of a key; cheap, no I/O. The objects of one key are interchangeable. What cannot be acquired because etcd does not
     * answer, or because the lock was lost, throws {@code CannotAcquireLockException}.
     *
     * @param lockKey a text, number, {@link UUID} or enum constant
     * @throws IllegalArgumentException if it is something else, or is blank or too long
     */
    @Override
    public DistributedLock obtain(Object lockKey) {
        String name = nameOf(lockKey);
        registry.lock(name, options);
        return new ThreadLock(registry, name, options, holds);
    }

    /**
     * Confirms that this thread holds the lock; renewing is done already. A {@link LockOptions#maxHold()} counts anew. No I/O.
     *
     * @throws IllegalStateException if it does not hold it now, because it never locked or because the lock was lost
     */
    @Override
    public void renewLock(Object lockKey) {
        String name = nameOf(lockKey);
        LockHandle handle = holds.current(name)
                .orElseThrow(() -> new IllegalStateException("Lock '" + name + "' is not owned by this thread"));
        boolean held =
                options.maxHold().isZero() ? handle.isHeld() : handle.extend(options.maxHold(), options.holdAtLeast());
        if (!held) {
            throw new IllegalStateException("Lock '" + name + "' could not be renewed: "
                    + handle.loss().map(loss -> "it was lost, " + loss.detail()).orElse("it is not held now"));
        }
    }

    /** As {@link #renewLock(Object)}: a hold keeps the time-to-live it was acquired with. */
    @Override
    public void renewLock(Object lockKey, Duration ttl) {
        TimeToLive.checked(ttl);
        renewLock(lockKey);
    }

    /** What this thread holds of a key: for its fencing token, and to hand to other threads that ask whether it is still held. */
    public Optional<LockHandle> current(Object lockKey) {
        return holds.current(nameOf(lockKey));
    }

    private String nameOf(Object key) {
        String text = textOf(key);
        if (text.isBlank()) {
            throw new IllegalArgumentException("The lock key is blank; give a text that says what is locked");
        }
        return namePrefix + text;
    }

    private static String textOf(Object key) {
        if (key instanceof String || key instanceof Number || key instanceof UUID) {
            return key.toString();
        }
        if (key instanceof Enum<?> constant) {
            return constant.name();
        }
        // The text of other objects may differ between processes, which would then not exclude each other.
        throw new IllegalArgumentException("The lock key is a " + key.getClass().getName()
                + "; give a text, number, UUID or enum constant, such as one of its properties");
    }

    @Override
    public String toString() {
        return "HoldfastLockRegistry[" + namePrefix + "]";
    }
}
