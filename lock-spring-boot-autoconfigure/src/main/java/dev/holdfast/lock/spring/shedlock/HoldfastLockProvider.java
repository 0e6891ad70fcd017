package dev.holdfast.lock.spring.shedlock;

import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import java.util.Optional;
import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;

/**
 * Keeps ShedLock's locks in a {@link LockRegistry}: {@code lockAtMostFor} is {@link LockOptions#maxHold()}, {@code lockAtLeastFor} is
 * {@link LockOptions#holdAtLeast()}. The locks are renewed, so that a node that crashed frees its names with the TTL, not only after
 * {@code lockAtMostFor}. Thread-safe; the registry is the caller's to close.
 *
 * <p>If etcd does not answer, {@link #lock} throws {@link dev.holdfast.lock.LockUnavailableException}, and ShedLock does not run the
 * task. A task is not interrupted when its lock is lost: ShedLock has no way to tell it.
 */
public final class HoldfastLockProvider implements ExtensibleLockProvider {

    private final LockRegistry registry;
    private final LockOptions options;

    /** With the default options of the registry. */
    public HoldfastLockProvider(LockRegistry registry) {
        this(registry, registry.defaults());
    }

    /**
     * @param options TTL and metadata of the locks; renewal, waiting and caps are ShedLock's to decide, and not taken from them
     */
    public HoldfastLockProvider(LockRegistry registry, LockOptions options) {
        this.registry = registry;
        this.options = options;
    }

    @Override
    public Optional<SimpleLock> lock(LockConfiguration configuration) {
        return registry.lock(configuration.getName(), Caps.of(configuration).in(options))
                .tryAcquire()
                .map(handle -> new HeldLock(configuration, handle));
    }
}
