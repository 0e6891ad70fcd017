package dev.holdfast.lock.benchmarks.subject;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Ours: one registry, with the TTL that users have by default. */
final class HoldfastLocks implements Subject {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final LockRegistry registry;

    HoldfastLocks(String address, HoldfastMode mode) {
        EtcdLockRegistry.Builder builder = EtcdLockRegistry.builder()
                .endpoints(address.split(","))
                .owner("benchmarks")
                // The first acquisition waits; a machine that has just started a JVM may be slow to connect.
                .failFast(false)
                .defaults(LockOptions.defaults().withWaitTime(LONG));
        registry = mode.apply(builder).build();
    }

    @Override
    public NamedLock lock(String name) {
        return new Named(registry.lock(name));
    }

    @Override
    public void close() {
        registry.close();
    }

    private static final class Named implements NamedLock {

        private final LeaseLock lock;
        private @Nullable LockHandle handle;

        Named(LeaseLock lock) {
            this.lock = lock;
        }

        @Override
        public void acquire() throws InterruptedException {
            handle = lock.acquire();
        }

        @Override
        public void release() {
            LockHandle held = handle;
            if (held == null) {
                throw new IllegalStateException("Not acquired");
            }
            held.release();
        }

        @Override
        public CompletableFuture<?> acquireAsync() {
            return lock.tryAcquireAsync(LONG);
        }
    }
}
