package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.time.SystemTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Users' code that takes its time, or gets no thread: nobody is told late of a loss for it, and no lock stays behind. */
class SlowCallbacksTests {

    private static final Duration WAIT = Duration.ofMinutes(1);

    private final SystemTimeSource clock = new SystemTimeSource();
    private final MemoryServer server = new MemoryServer(clock);
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicInteger told = new AtomicInteger();
    private final List<LockRegistry> registries = new ArrayList<>();

    @AfterEach
    void stop() {
        go.countDown();
        registries.forEach(LockRegistry::close);
        clock.close();
    }

    /** More than the registry has threads. */
    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void aListenerThatTakesItsTimeKeepsNobodyFromLearningOfTheLoss(int holds) throws Exception {
        LockRegistry registry = registry(EngineOptions.defaults().withListeners(List.of(new LockListener() {
            @Override
            public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
                awaitGo();
                told.incrementAndGet();
            }
        })));
        List<LockHandle> held = new ArrayList<>();
        for (int i = 0; i < holds; i++) {
            held.add(registry.lock("seat-" + i).acquire());
        }
        String lease = registry.status().sessions().get(0).lease();

        server.connect().revoke(Long.parseUnsignedLong(lease, 16), WAIT).join();

        await().atMost(Duration.ofSeconds(30))
                .until(() -> held.stream()
                        .allMatch(each -> each.lost().toCompletableFuture().isDone()));
        assertThat(told).hasValue(0);
        go.countDown();
        await().until(() -> told.get() == holds);
    }

    @Test
    void aCancelledRequestIsTakenBackAlthoughNoCallbackRuns() throws Exception {
        Queue<Runnable> never = new ConcurrentLinkedQueue<>();
        LockRegistry registry = registry(EngineOptions.defaults().withCallbackExecutor(never::add));
        CompletableFuture<Optional<LockHandle>> request = registry.lock("seat").tryAcquireAsync(WAIT);
        await().until(() -> !never.isEmpty());

        request.cancel(false);

        LockRegistry other = registry(EngineOptions.defaults());
        assertThat(other.lock("seat").tryAcquire(Duration.ofSeconds(10))).isPresent();
        never.forEach(Runnable::run);
        assertThat(registry.status().held()).isZero();
    }

    @Test
    void aRequestCancelledBeforeItsGrantIsTakenBackAlthoughNoCallbackRuns() throws Exception {
        Queue<Runnable> never = new ConcurrentLinkedQueue<>();
        LockRegistry registry = registry(EngineOptions.defaults().withCallbackExecutor(never::add));
        LockRegistry other = registry(EngineOptions.defaults());
        LockHandle theirs = other.lock("seat").acquire();
        CompletableFuture<Optional<LockHandle>> request = registry.lock("seat").tryAcquireAsync(WAIT);
        await().until(() -> registry.status().waiting() == 1);

        request.cancel(false);
        theirs.release();

        assertThat(other.lock("seat").tryAcquire(Duration.ofSeconds(10))).isPresent();
    }

    /** As long as it takes. */
    @Test
    void aCloseMayHaveAnyTime() throws Exception {
        LockRegistry registry = registry(EngineOptions.defaults().withCloseTimeout(Duration.ofSeconds(Long.MAX_VALUE)));
        registry.lock("seat").acquire();

        registry.close();

        assertThat(server.leases()).isZero();
    }

    private void awaitGo() {
        try {
            go.await();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }

    private LockRegistry registry(EngineOptions options) {
        LockRegistry registry = new LockEngine(server.connect(), clock, options);
        registries.add(registry);
        return registry;
    }
}
