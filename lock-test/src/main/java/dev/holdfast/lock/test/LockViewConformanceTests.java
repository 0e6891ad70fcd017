package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.test.Caller.Ended;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@link dev.holdfast.lock.LeaseLock#asLock()} must do, whatever store is behind it: the contract of {@link Lock}, for callers on
 * platform threads and on virtual ones. Each registry stands for a process. Runs in real time.
 */
@ParameterizedClass
@EnumSource(Caller.Kind.class)
public abstract class LockViewConformanceTests extends RegistryConformanceTests {

    /** One renewal period, after which an audit is due, and time for its answers on a busy machine. */
    private static final Duration AUDIT = TTL.dividedBy(6).plus(Duration.ofSeconds(2));

    @Parameter
    Caller.Kind kind = Caller.Kind.PLATFORM;

    private final List<Caller> callers = new ArrayList<>();
    private Lock view;
    private Caller caller;

    protected LockViewConformanceTests(StoreUnderTest store) {
        super(store);
    }

    @BeforeEach
    void call() throws Exception {
        view = a.lock("seat").asLock();
        caller = caller();
    }

    @AfterEach
    void stopCallers() throws Exception {
        // Before their threads are waited for: one may be waiting for a lock.
        opened.forEach(LockRegistry::close);
        for (Caller each : callers) {
            each.stop();
        }
    }

    @Test
    void everyWayInIsReentrantAndCounted() throws Exception {
        Lock another = a.lock("seat", a.defaults().withTtl(TTL.plusSeconds(1))).asLock();
        caller.run(view::lock);
        long token = read().get(0).createRevision();

        caller.run(another::lock);
        caller.run(view::lockInterruptibly);
        assertThat(caller.call(() -> another.tryLock())).isTrue();
        assertThat(caller.call(() -> view.tryLock(1, TimeUnit.SECONDS))).isTrue();
        assertThat(caller.call(() -> another.tryLock(0, TimeUnit.SECONDS))).isTrue();
        assertThat(caller.call(() -> view.tryLock(-1, TimeUnit.SECONDS))).isTrue();

        for (int unlocks = 0; unlocks < 6; unlocks++) {
            caller.run((unlocks % 2 == 0 ? view : another)::unlock);
            assertThat(read()).extracting(KeyValue::createRevision).containsExactly(token);
        }
        caller.run(another::unlock);
        assertThat(read()).isEmpty();
        assertNotOwned(caller, view);
    }

    @Test
    void everyWayInTakesAFreeLock() throws Exception {
        for (Caller.Action way : List.<Caller.Action>of(
                view::lock,
                view::lockInterruptibly,
                () -> assertThat(view.tryLock()).isTrue(),
                () -> assertThat(view.tryLock(1, TimeUnit.SECONDS)).isTrue(),
                () -> assertThat(view.tryLock(0, TimeUnit.SECONDS)).isTrue(),
                () -> assertThat(view.tryLock(-1, TimeUnit.SECONDS)).isTrue())) {
            caller.run(way);
            assertThat(b.lock("seat").tryAcquire()).isEmpty();
            caller.run(view::unlock);
        }
    }

    @Test
    void onlyTheOwnerUnlocks() throws Exception {
        Caller stranger = caller();
        assertNotOwned(caller, view);
        caller.run(view::lock);

        assertNotOwned(stranger, view);
        assertNotOwned(caller, a.lock("other").asLock());

        assertThat(stranger.call(() -> view.tryLock())).isFalse();
        assertThat(b.lock("seat").tryAcquire()).isEmpty();
        caller.run(view::unlock);
        assertNotOwned(caller, view);
    }

    @Test
    void anotherThreadGetsTheLockAfterTheLastUnlock() throws Exception {
        Caller second = caller();
        caller.run(view::lock);
        caller.run(view::lock);
        Future<Boolean> waiting = second.start(() -> {
            view.lock();
            return true;
        });
        await().until(() -> a.status().waiting() == 1);

        caller.run(view::unlock);
        await().during(Duration.ofMillis(200)).until(() -> !waiting.isDone());
        caller.run(view::unlock);

        assertThat(waiting.get(5, TimeUnit.SECONDS)).isTrue();
        assertNotOwned(caller, view);
        second.run(view::unlock);
    }

    @Test
    void registriesDoNotShareWhatAThreadOwns() throws Exception {
        Lock elsewhere = b.lock("seat").asLock();
        caller.run(view::lock);

        assertThat(caller.call(() -> elsewhere.tryLock())).isFalse();
        assertNotOwned(caller, elsewhere);

        caller.run(view::unlock);
    }

    @Test
    void aHandleIsNotOwnedByItsThread() throws Exception {
        LockHandle handle = caller.call(() -> a.lock("seat").acquire());

        assertThat(caller.call(() -> view.tryLock())).isFalse();
        assertNotOwned(caller, view);

        assertThat(handle.isHeld()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void aTimedTryWithoutTimeDoesNotWait(long wait) throws Exception {
        LockHandle holder = b.lock("seat").acquire();
        assertThat(a.lock("warm-up").tryAcquire()).hasValueSatisfying(LockHandle::release);
        long before = revision();

        assertThat(caller.call(() -> view.tryLock(wait, TimeUnit.DAYS))).isFalse();

        // Whoever waits writes an entry.
        assertThat(revision()).isEqualTo(before);
        holder.release();
    }

    @Test
    void aTimedTryWaitsNoLongerThanItsTime() throws Exception {
        LockHandle holder = b.lock("seat").acquire();
        long before = System.nanoTime();

        assertThat(caller.call(() -> view.tryLock(400_000, TimeUnit.MICROSECONDS)))
                .isFalse();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
        await().until(() -> read().size() == 1);
        assertNotOwned(caller, view);
        holder.release();
    }

    @Test
    void aTimedTryTakesAnyTime() throws Exception {
        LockHandle holder = b.lock("seat").acquire();
        Future<Boolean> locked = caller.start(() -> view.tryLock(Long.MAX_VALUE, TimeUnit.DAYS));
        await().until(() -> read().size() == 2);

        holder.release();

        assertThat(locked.get(5, TimeUnit.SECONDS)).isTrue();
        caller.run(view::unlock);
    }

    @Test
    void aThreadInterruptedBeforeDoesNotEvenAsk() throws Exception {
        long before = revision();

        for (Caller.Action way : interruptible()) {
            assertThat(caller.end(interruptedBefore(way))).isEqualTo(new Ended(InterruptedException.class, false));
        }

        assertThat(revision()).isEqualTo(before);
        assertNotOwned(caller, view);
    }

    @Test
    void aThreadInterruptedBeforeDoesNotReenter() throws Exception {
        caller.run(view::lock);

        for (Caller.Action way : interruptible()) {
            assertThat(caller.end(interruptedBefore(way))).isEqualTo(new Ended(InterruptedException.class, false));
        }

        caller.run(view::unlock);
        assertNotOwned(caller, view);
        assertThat(read()).isEmpty();
    }

    @Test
    void anInterruptEndsAnInterruptibleWait() throws Exception {
        LockHandle holder = b.lock("seat").acquire();
        for (Caller.Action way :
                List.<Caller.Action>of(view::lockInterruptibly, () -> view.tryLock(1, TimeUnit.HOURS))) {
            Future<Ended> waiting = caller.start(() -> Caller.ended(way));
            await().until(() -> read().size() == 2);

            caller.interrupt();

            assertThat(waiting.get(5, TimeUnit.SECONDS)).isEqualTo(new Ended(InterruptedException.class, false));
            await().until(() -> read().size() == 1);
            assertNotOwned(caller, view);
        }
        holder.release();
    }

    @Test
    void theOthersTakeNoNoticeOfAnInterruptButKeepTheFlag() throws Exception {
        Ended done = new Ended(Caller.None.class, true);

        assertThat(caller.end(interruptedBefore(view::lock))).isEqualTo(done);
        assertThat(caller.end(interruptedBefore(view::lock))).isEqualTo(done);
        assertThat(caller.end(interruptedBefore(() -> assertThat(view.tryLock()).isTrue())))
                .isEqualTo(done);
        for (int unlocks = 0; unlocks < 3; unlocks++) {
            assertThat(read()).hasSize(1);
            assertThat(caller.end(interruptedBefore(view::unlock))).isEqualTo(done);
        }
        assertThat(read()).isEmpty();

        assertThat(caller.end(interruptedBefore(() -> assertThat(view.tryLock()).isTrue())))
                .isEqualTo(done);
        assertThat(caller().end(interruptedBefore(
                        () -> assertThat(view.tryLock()).isFalse())))
                .isEqualTo(done);
        assertThat(caller.end(view::unlock)).isEqualTo(new Ended(Caller.None.class, false));
    }

    @Test
    void lockWaitsThroughInterruptsAndRestoresTheFlag() throws Exception {
        LockHandle holder = b.lock("seat").acquire();
        Future<Ended> waiting = caller.start(() -> Caller.ended(view::lock));
        await().until(() -> read().size() == 2);
        List<KeyValue> queue = read();

        for (int interrupts = 0; interrupts < 3; interrupts++) {
            caller.interrupt();
            await().during(Duration.ofMillis(100)).until(() -> !waiting.isDone());
        }
        assertThat(read()).isEqualTo(queue);
        holder.release();

        assertThat(waiting.get(5, TimeUnit.SECONDS)).isEqualTo(new Ended(Caller.None.class, true));
        caller.run(view::unlock);
    }

    @Test
    void lockRestoresTheFlagAlsoWhenItFails() throws Exception {
        LockHandle holder = b.lock("seat").acquire();
        Future<Ended> waiting = caller.start(() -> Caller.ended(view::lock));
        await().until(() -> read().size() == 2);
        caller.interrupt();
        await().during(Duration.ofMillis(100)).until(() -> !waiting.isDone());

        a.close();

        assertThat(waiting.get(5, TimeUnit.SECONDS)).isEqualTo(new Ended(LockUnavailableException.class, true));
        assertNotOwned(caller, view);
        assertThat(caller.end(interruptedBefore(view::lock))).isEqualTo(new Ended(IllegalStateException.class, true));
        holder.release();
    }

    @Test
    void aLostLockIsNotReenteredAndTheLastUnlockTells() throws Exception {
        caller.run(view::lock);
        caller.run(view::lock);
        lose();

        Ended lost = new Ended(LockLostException.class, false);
        assertThat(caller.end(view::lock)).isEqualTo(lost);
        assertThat(caller.end(view::lockInterruptibly)).isEqualTo(lost);
        assertThat(caller.end(view::tryLock)).isEqualTo(lost);
        assertThat(caller.end(() -> view.tryLock(1, TimeUnit.SECONDS))).isEqualTo(lost);

        caller.run(view::unlock);
        assertThat(caller.end(view::unlock)).isEqualTo(lost);
        assertNotOwned(caller, view);
        caller.run(view::lock);
        caller.run(view::unlock);
    }

    @Test
    void anotherThreadMayTakeWhatIsLostBeforeItsOwnerUnlocks() throws Exception {
        Caller second = caller();
        caller.run(view::lock);
        lose();

        second.run(view::lock);

        assertThat(caller.end(view::unlock)).isEqualTo(new Ended(LockLostException.class, false));
        assertThat(read()).hasSize(1);
        second.run(view::unlock);
    }

    @Test
    void closingTheRegistryLosesTheLock() throws Exception {
        caller.run(view::lock);

        a.close();

        assertThat(caller.end(view::lock)).isEqualTo(new Ended(LockLostException.class, false));
        assertThat(caller.end(view::unlock)).isEqualTo(new Ended(LockLostException.class, false));
        assertNotOwned(caller, view);
    }

    @Test
    void aThreadThatEndsGoesOnOwningUntilTheRegistryIsClosed() throws Exception {
        caller.run(view::lock);
        caller.stop();

        Caller second = caller();
        assertThat(second.call(() -> view.tryLock())).isFalse();
        assertNotOwned(second, view);
        await().during(TTL.plusSeconds(1))
                .atMost(TTL.plusSeconds(4))
                .until(() -> a.status().held() == 1);
        assertThat(b.lock("seat").tryAcquire()).isEmpty();

        a.close();
        assertThat(b.lock("seat").tryAcquire()).isPresent();
    }

    @Test
    void thereAreNoConditions() {
        assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(view::newCondition);
    }

    @Test
    void manyThreadsTakeTurnsWithoutHoldingTheirCarriers() throws Exception {
        int count = kind == Caller.Kind.VIRTUAL ? 500 : 50;
        int[] entered = new int[1];
        CountDownLatch ready = new CountDownLatch(count);
        List<Future<Boolean>> done = new ArrayList<>();
        try (PinnedThreads pinned = PinnedThreads.recording(Duration.ofMillis(20))) {
            for (int i = 0; i < count; i++) {
                Lock lock = (i % 2 == 0 ? a : b).lock("seat").asLock();
                FutureTask<Boolean> turn = new FutureTask<>(() -> {
                    ready.countDown();
                    ready.await();
                    lock.lock();
                    try {
                        // A plain field: only the lock keeps it right.
                        int seen = entered[0];
                        boolean again = lock.tryLock();
                        entered[0] = seen + 1;
                        lock.unlock();
                        return again;
                    } finally {
                        lock.unlock();
                    }
                });
                kind.factory().newThread(turn).start();
                done.add(turn);
            }
            for (Future<Boolean> each : done) {
                assertThat(each.get(60, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(pinned.stop()).isEmpty();
        }
        assertThat(entered[0]).isEqualTo(count);
    }

    private List<Caller.Action> interruptible() {
        return List.of(
                view::lockInterruptibly,
                () -> view.tryLock(1, TimeUnit.SECONDS),
                () -> view.tryLock(0, TimeUnit.SECONDS),
                () -> view.tryLock(-1, TimeUnit.SECONDS));
    }

    private static Caller.Action interruptedBefore(Caller.Action action) {
        return () -> {
            Thread.currentThread().interrupt();
            action.run();
        };
    }

    private static void assertNotOwned(Caller caller, Lock view) throws Exception {
        assertThat(caller.end(view::unlock)).isEqualTo(new Ended(IllegalMonitorStateException.class, false));
    }

    private void lose() {
        long lease = Long.parseUnsignedLong(a.status().sessions().get(0).lease(), 16);
        inspector.revoke(lease, Duration.ofSeconds(3)).join();
        await().atMost(AUDIT).until(() -> a.status().held() == 0);
    }

    private Caller caller() throws Exception {
        Caller caller = new Caller(kind);
        callers.add(caller);
        return caller;
    }

    private List<KeyValue> read() {
        return read(keyPrefix());
    }
}
