package dev.holdfast.lock.spring.shedlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import net.javacrumbs.shedlock.core.ClockProvider;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockingTaskExecutor;
import net.javacrumbs.shedlock.core.SimpleLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What ShedLock asks of an extensible provider, on whatever store. Runs in real time. */
abstract class LockProviderConformanceTests {

    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration SOME = Duration.ofSeconds(2);

    private LockRegistry here;
    private LockRegistry there;
    private ExtensibleLockProvider provider;
    private ExtensibleLockProvider elsewhere;

    /** Another process on the same store. */
    abstract LockRegistry newRegistry();

    @BeforeEach
    void connect() {
        here = newRegistry();
        there = newRegistry();
        provider = new HoldfastLockProvider(here);
        elsewhere = new HoldfastLockProvider(there);
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    @Test
    void aTaskRunsOnOneNodeAtATime() {
        for (int round = 0; round < 10; round++) {
            SimpleLock lock = locked(provider, LONG, Duration.ZERO);
            assertThat(provider.lock(config(LONG, Duration.ZERO))).isEmpty();
            assertThat(elsewhere.lock(config(LONG, Duration.ZERO))).isEmpty();
            assertThat(provider.lock(new LockConfiguration(ClockProvider.now(), "other", LONG, Duration.ZERO)))
                    .hasValueSatisfying(SimpleLock::unlock);
            lock.unlock();
            assertFree();
        }
    }

    @Test
    void manyTasksOnManyThreadsNeverMeet() throws Exception {
        int threads = 6;
        int rounds = 30;
        AtomicInteger runs = new AtomicInteger();
        int[] unguarded = new int[1];
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        List<Future<?>> done = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            LockingTaskExecutor executor = new DefaultLockingTaskExecutor(thread % 2 == 0 ? provider : elsewhere);
            done.add(pool.submit(() -> {
                int wins = 0;
                while (wins < rounds) {
                    AtomicBoolean ran = new AtomicBoolean();
                    Runnable task = () -> ran.set(count(unguarded));
                    executor.executeWithLock(task, config(LONG, Duration.ZERO));
                    if (ran.get()) {
                        wins++;
                        runs.incrementAndGet();
                    }
                }
                return null;
            }));
        }
        for (Future<?> each : done) {
            each.get(60, TimeUnit.SECONDS);
        }
        pool.shutdown();

        assertThat(unguarded[0]).isEqualTo(runs.get()).isEqualTo(threads * rounds);
    }

    @Test
    void aTaskThatRunsTooLongLosesItsLock() {
        SimpleLock lock = locked(provider, SHORT, Duration.ZERO);

        SimpleLock next = await().until(() -> elsewhere.lock(config(LONG, Duration.ZERO)), Optional::isPresent)
                .orElseThrow();

        // It cannot be extended then, and its unlock takes nothing from the next.
        assertThat(lock.extend(LONG, Duration.ZERO)).isEmpty();
        assertThat(provider.lock(config(LONG, Duration.ZERO))).isEmpty();
        next.unlock();
        assertFree();
    }

    @Test
    void anUnlockAfterTheTimeTakesNothingFromTheNext() {
        SimpleLock late = locked(provider, SHORT, Duration.ZERO);
        SimpleLock next = await().until(() -> elsewhere.lock(config(LONG, Duration.ZERO)), Optional::isPresent)
                .orElseThrow();

        late.unlock();

        assertThat(provider.lock(config(LONG, Duration.ZERO))).isEmpty();
        next.unlock();
    }

    @Test
    void aLimitOfZeroIsALimit() {
        locked(provider, Duration.ZERO, Duration.ZERO);

        await().untilAsserted(this::assertFree);
    }

    @Test
    void aQuickTaskKeepsItsLockForTheTimeAskedFor() {
        long before = System.nanoTime();
        locked(provider, LONG, SOME).unlock();

        assertThat(provider.lock(config(LONG, Duration.ZERO))).isEmpty();
        assertThat(elsewhere.lock(config(LONG, Duration.ZERO))).isEmpty();

        SimpleLock next = await().until(() -> elsewhere.lock(config(LONG, Duration.ZERO)), Optional::isPresent)
                .orElseThrow();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(SOME);
        next.unlock();
    }

    @Test
    void aQuickTaskKeepsItsLockThoughItsNodeShutsDown() {
        long before = System.nanoTime();
        locked(provider, LONG, SOME).unlock();

        here.close();

        assertThat(elsewhere.lock(config(LONG, Duration.ZERO))).isEmpty();
        SimpleLock next = await().until(() -> elsewhere.lock(config(LONG, Duration.ZERO)), Optional::isPresent)
                .orElseThrow();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(SOME);
        next.unlock();
    }

    @Test
    void anExtendedLockOutlastsItsFirstTime() {
        SimpleLock lock = locked(provider, SOME, Duration.ZERO);
        SimpleLock extended = lock;
        for (int i = 0; i < 3; i++) {
            extended = extended.extend(LONG, Duration.ZERO).orElseThrow();
        }

        // Another with the same time ends meanwhile.
        provider.lock(new LockConfiguration(ClockProvider.now(), "clock", SOME, Duration.ZERO))
                .orElseThrow();
        await().until(
                        () -> elsewhere.lock(new LockConfiguration(ClockProvider.now(), "clock", SHORT, Duration.ZERO)),
                        Optional::isPresent);
        assertThat(elsewhere.lock(config(LONG, Duration.ZERO))).isEmpty();

        extended.unlock();
        assertFree();
    }

    @Test
    void anExtensionCanAskForAnotherLeastTime() {
        locked(provider, LONG, Duration.ZERO).extend(LONG, SOME).orElseThrow().unlock();

        assertThat(elsewhere.lock(config(LONG, Duration.ZERO))).isEmpty();
    }

    @Test
    void aLockIsUsedUpByItsExtensionAndItsUnlock() {
        SimpleLock first = locked(provider, LONG, Duration.ZERO);
        SimpleLock second = first.extend(LONG, Duration.ZERO).orElseThrow();

        assertThatIllegalStateException().isThrownBy(() -> first.extend(LONG, Duration.ZERO));
        assertThatIllegalStateException().isThrownBy(first::unlock);
        second.unlock();
        assertThatIllegalStateException().isThrownBy(() -> second.extend(LONG, Duration.ZERO));
        assertFree();
    }

    private static boolean count(int[] unguarded) {
        int seen = unguarded[0];
        Thread.yield();
        unguarded[0] = seen + 1;
        return true;
    }

    private static SimpleLock locked(ExtensibleLockProvider by, Duration atMost, Duration atLeast) {
        return by.lock(config(atMost, atLeast)).orElseThrow();
    }

    private void assertFree() {
        assertThat(there.lock("task").tryAcquire()).hasValueSatisfying(LockHandle::release);
    }

    private static LockConfiguration config(Duration atMost, Duration atLeast) {
        return new LockConfiguration(ClockProvider.now(), "task", atMost, atLeast);
    }
}
