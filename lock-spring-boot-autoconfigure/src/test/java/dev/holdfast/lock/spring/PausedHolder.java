package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.test.ManualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Two processes on one store. Those of the first are paused whenever the other takes a lock over: its clock stands still meanwhile, so it
 * believes that it holds. For one thread.
 */
public final class PausedHolder {

    private static final Duration TTL = Duration.ofSeconds(10);

    private final ManualTime time = new ManualTime();
    private final MemoryServer server = new MemoryServer(time);
    private final LockRegistry paused = registry(new ManualTime());
    private final LockRegistry other = registry(time);

    /** Of the process that is paused. */
    public LockRegistry registry() {
        return paused;
    }

    /** The other process waits for the lock until the lease of the paused one has ended, and has it then. */
    public LockHandle takeOver(String name) {
        CompletableFuture<LockHandle> next =
                other.lock(name).tryAcquireAsync(Duration.ofMinutes(10)).thenApply(granted -> granted.orElseThrow());
        time.advance(TTL.multipliedBy(3));
        return next.join();
    }

    /** The annotation over the registry of the process that is paused. */
    @Configuration(proxyBeanMethods = false)
    @EnableDistributedLocks
    public static class Locks {

        @Bean
        PausedHolder processes() {
            return new PausedHolder();
        }

        @Bean(destroyMethod = "")
        LockRegistry locks(PausedHolder processes) {
            return processes.registry();
        }
    }

    private LockRegistry registry(ManualTime clock) {
        EngineOptions options = EngineOptions.defaults()
                .withLockDefaults(LockOptions.defaults().withTtl(TTL))
                .withCallbackExecutor(Runnable::run);
        return new LockEngine(server.connect(), clock, options);
    }
}
