package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.RegistryStatus.State;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.LeaseKeys;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.test.ControllableStore;
import dev.holdfast.lock.test.ControllableStore.Call;
import dev.holdfast.lock.test.ControllableStore.Fate;
import dev.holdfast.lock.test.ManualTime;
import dev.holdfast.lock.time.SystemTimeSource;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The engine where two things happen at once, or in an unlucky order: each test is a defect once found, or one looked for. */
class EngineRacesTests {

    private static final Duration TTL = Duration.ofSeconds(12);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration WAIT = Duration.ofMinutes(5);

    private final ManualTime time = new ManualTime();
    private final MemoryServer server = new MemoryServer(time);
    private final LockStore inspector = server.connect();
    private final ControllableStore store = new ControllableStore(server.connect(), time);
    private final List<String> heard = new ArrayList<>();
    private final LockRegistry registry = engine(store, time, Runnable::run);
    private final LockRegistry other = engine(server.connect(), time, Runnable::run);

    // ---- grant ----

    /** Section 4.4: granted only if the session is active with at least the margin left. */
    @Test
    void noGrantOnASessionPastItsDeadline() {
        warmUp();
        store.delayAnswers(SECOND);
        CompletableFuture<Optional<LockHandle>> request = lock("seat").tryAcquireAsync(WAIT);
        // The process was stopped while the answer was on its way; the lease has ended, somebody else has the lock.
        time.pause(TTL.plus(SECOND));
        LockHandle others = other.lock("seat").tryAcquire().orElseThrow();
        AtomicReference<Boolean> heldWhenGranted = new AtomicReference<>();
        request.thenAccept(handle -> heldWhenGranted.set(handle.orElseThrow().isHeld()));

        time.advance(Duration.ofMillis(1));

        assertThat(others.isHeld()).isTrue();
        assertThat(heldWhenGranted.get())
                .as("what a caller is given must be held (null: nothing was given)")
                .isNotEqualTo(false);
    }

    @Test
    void noGrantAfterAClockJumpUntilConfirmed() {
        warmUp();
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_REQUEST);
        time.stepWallClock(Duration.ofHours(1));
        AtomicReference<Boolean> heldWhenGranted = new AtomicReference<>();
        lock("seat")
                .tryAcquireAsync(WAIT)
                .thenAccept(handle -> heldWhenGranted.set(handle.orElseThrow().isHeld()));

        time.advance(Duration.ofMillis(100));

        assertThat(heldWhenGranted.get()).isNotEqualTo(false);
    }

    @Test
    void aSessionGrantedAcrossAClockJumpIsConfirmedSoon() {
        store.delayAnswers(SECOND);
        CompletableFuture<Optional<LockHandle>> request = lock("seat").tryAcquireAsync(WAIT);
        time.advance(Duration.ofMillis(500));
        time.stepWallClock(Duration.ofHours(1));
        store.delayAnswers(Duration.ZERO);
        time.advance(Duration.ofMillis(510));

        time.advance(SECOND);

        assertThat(request).isCompletedWithValueMatching(Optional::isPresent);
        assertThat(request.join().orElseThrow().isHeld()).isTrue();
    }

    /** A wall clock set back, then a sleep of the machine as long: to a later look the clocks agree again. */
    @Test
    void aSecondClockJumpDoesNotHideTheFirst() {
        LockHandle handle = lock("seat").tryAcquire().orElseThrow();
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_REQUEST);
        time.stepWallClock(TTL.negated());
        assertThat(handle.isHeld()).isFalse();

        time.stepWallClock(TTL);

        assertThat(handle.isHeld()).as("not confirmed since the first jump").isFalse();
        store.fate(Call.KEEP_ALIVE, Fate.PASS);
        time.advance(SECOND);
        assertThat(handle.isHeld()).isTrue();
    }

    /** P2 with a TTL of 5 s has a margin of 0.5 s; a machine that slept for less than a second is not noticed. */
    @Test
    void aShortSleepOfTheMachineIsNotLongerThanTheMargin() {
        long[] slept = new long[1];
        TimeSource sleepy = new TimeSource() {
            @Override
            public long nanoTime() {
                return time.nanoTime() - slept[0];
            }

            @Override
            public long wallMillis() {
                return time.wallMillis();
            }

            @Override
            public Timer schedule(Duration delay, Runnable task) {
                return time.schedule(delay, task);
            }
        };
        ControllableStore own = new ControllableStore(server.connect(), time);
        LockRegistry mine = engine(own, sleepy, Runnable::run);
        LockHandle handle = mine.lock("seat", options().withTtl(Duration.ofSeconds(5)))
                .tryAcquireAsync(WAIT)
                .join()
                .orElseThrow();
        own.fateOfAll(Fate.LOSE_REQUEST);
        time.advance(SECOND);
        Duration sleep = Duration.ofMillis(950);
        time.pause(sleep);
        slept[0] = sleep.toNanos();

        for (int i = 0; i < 100; i++) {
            time.advance(Duration.ofMillis(50));
            assertThat(handle.isHeld() && entries("seat").isEmpty())
                    .as("held here, gone in the store, after " + (1_950 + i * 50 + 50) + " ms")
                    .isFalse();
        }
    }

    // ---- giving up ----

    /** P4. The event of the timeout comes to the mailbox only after the grace has ended the call. */
    @Test
    @Timeout(30)
    void aTimeoutThatIsHandledLateStillWithdrawsTheEntry() throws Exception {
        try (SystemTimeSource clock = new SystemTimeSource()) {
            MemoryServer real = new MemoryServer(clock);
            AtomicBoolean slow = new AtomicBoolean();
            CountDownLatch resumed = new CountDownLatch(1);
            LockStore slowToWatch = new DelegatingStore(real.connect()) {
                @Override
                public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
                    // Later: answered before the caller has attached to it, it would be the caller that watches, and
                    // waits for us.
                    return super.txn(txn, timeout)
                            .thenApplyAsync(
                                    result -> result, CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS));
                }

                @Override
                public Watch watch(KeyRange range, Watcher watcher) {
                    if (slow.compareAndSet(true, false)) {
                        awaitLatch(resumed); // stands for a thread that the machine does not run for a while
                    }
                    return super.watch(range, watcher);
                }
            };
            LockRegistry mine = engine(slowToWatch, clock, null);
            LockRegistry theirs = engine(real.connect(), clock, null);
            LockHandle holder = theirs.lock("seat").tryAcquire().orElseThrow();
            mine.lock("warm-up").acquire().release();
            slow.set(true);

            CompletableFuture<Optional<LockHandle>> answer =
                    CompletableFuture.supplyAsync(() -> tryAcquire(mine, Duration.ofMillis(100)));
            assertThat(answer.handle((handle, failure) -> failure != null || handle.isEmpty())
                            .join())
                    .isTrue();

            resumed.countDown();
            await("only the holder's entry")
                    .atMost(3, TimeUnit.SECONDS)
                    .until(() -> read(real.connect(), "locks/seat/").size() == 1);
            holder.release();
            mine.close();
            theirs.close();
        }
    }

    /** A queue that retires forwards a submit to its successor; the cancellation that follows must arrive there too. */
    @Test
    void aCancellationFollowsItsRequestIntoANewQueue() {
        acquire("seat", other);
        AtomicReference<CompletableFuture<Optional<LockHandle>>> withdrawn = new AtomicReference<>();
        // Runs inside the mailbox of the name, just before its queue retires; a second thread can come at the same
        // moment.
        onNotAcquired = () -> {
            onNotAcquired = () -> {};
            CompletableFuture<Optional<LockHandle>> next = lock("seat").tryAcquireAsync(WAIT);
            withdrawn.set(next);
            next.cancel(false);
        };
        warmUp();
        store.delayAnswers(Duration.ofMillis(10));
        CompletableFuture<Optional<LockHandle>> busy = lock("seat").tryAcquireAsync(Duration.ZERO);
        time.advance(SECOND);
        assertThat(busy).isCompletedWithValueMatching(Optional::isEmpty);

        assertThat(withdrawn.get()).isCancelled();
        assertThat(entries("seat")).as("only the holder's entry").hasSize(1);
    }

    @Test
    void aFutureCompletedFromOutsideWithdrawsTheRequest() {
        acquire("seat", other);
        CompletableFuture<Optional<LockHandle>> request = lock("seat").tryAcquireAsync(WAIT);
        time.advance(SECOND);
        assertThat(entries("seat")).hasSize(2);

        // What orTimeout does.
        request.completeExceptionally(new java.util.concurrent.TimeoutException());
        time.advance(SECOND);

        assertThat(entries("seat")).hasSize(1);
    }

    @Test
    void listenersHearThatACancelledRequestWasInterrupted() {
        acquire("seat", other);
        warmUp();
        heard.clear();
        CompletableFuture<Optional<LockHandle>> request = lock("seat").tryAcquireAsync(WAIT);
        time.advance(SECOND);

        request.cancel(false);

        assertThat(heard).containsExactly("waiting seat", "notAcquired seat INTERRUPTED");
    }

    // ---- verdicts ----

    @Test
    void aRequestBehindOneThatHasNoStoreIsNotBusy() {
        store.fateOfAll(Fate.LOSE_REQUEST);
        lock("seat").tryAcquireAsync(Duration.ofSeconds(30));
        CompletableFuture<Optional<LockHandle>> second = lock("seat").tryAcquireAsync(Duration.ofSeconds(3));

        time.advance(Duration.ofSeconds(5));

        // Nobody holds the lock and etcd has never answered.
        assertThat(second).isCompletedExceptionally();
    }

    // ---- sessions ----

    /** R5: "requested lease not found" from any transaction ends the session. */
    @Test
    void aCleanUpThatMeetsADeadLeaseEndsTheSession() {
        warmUp();
        String lease = registry.status().sessions().get(0).lease();
        store.fate(Call.TXN, Fate.LOSE_REQUEST);
        CompletableFuture<Optional<LockHandle>> request =
                lock("seat", options().withTtl(TTL)).tryAcquireAsync(WAIT);
        time.advance(Duration.ofMillis(2_010));
        inspector.revoke(Long.parseUnsignedLong(lease, 16), SECOND).join();
        // Renewals are late; only the transactions can tell.
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_REQUEST);
        store.fate(Call.LEASE_KEYS, Fate.LOSE_REQUEST);
        store.fate(Call.TXN, Fate.PASS);

        time.advance(Duration.ofSeconds(4));

        assertThat(heard).contains("expired");
        assertThat(request).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void aStoreThatThrowsOnceDoesNotCloseTheTtlForEver() {
        AtomicBoolean throwing = new AtomicBoolean(true);
        LockStore moody = new DelegatingStore(server.connect()) {
            @Override
            public CompletableFuture<LeaseGrant> grant(Duration ttl, Duration timeout) {
                if (throwing.compareAndSet(true, false)) {
                    throw new IllegalStateException("by the test's will");
                }
                return super.grant(ttl, timeout);
            }
        };
        LockRegistry mine = engine(moody, time, Runnable::run);
        CompletableFuture<Optional<LockHandle>> request = mine.lock("seat").tryAcquireAsync(Duration.ofSeconds(10));

        time.advance(Duration.ofSeconds(11));

        assertThat(request).isCompletedWithValueMatching(Optional::isPresent);
    }

    /** P3, section 4.3 R2: every loss is enqueued before a new session exists. */
    @Test
    void noNewSessionBeforeEveryLossIsEnqueued() {
        acquire("a");
        acquire("b");
        AtomicReference<CompletableFuture<Optional<LockHandle>>> next = new AtomicReference<>();
        onExpired = () -> next.set(lock("c").tryAcquireAsync(WAIT));
        store.failWith(Call.KEEP_ALIVE, failure(StoreException.Kind.LEASE_NOT_FOUND));
        heard.clear();

        time.advance(Duration.ofMillis(2_100));
        store.failWith(Call.KEEP_ALIVE, null);
        time.advance(SECOND);

        assertThat(next.get()).isCompletedWithValueMatching(Optional::isPresent);
        assertThat(heard.indexOf("acquired c"))
                .isGreaterThan(heard.indexOf("lost a"))
                .isGreaterThan(heard.indexOf("lost b"));
    }

    /** To describe thousands of holds takes a while, in which they would count as held. */
    @Test
    void everyLossIsToldBeforeItIsLogged() {
        LockHandle seat = acquire("seat");
        List<String> seen = new ArrayList<>();
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getFormattedMessage().contains("Lost with it: 1 lock: 'seat'")) {
                    seen.add((seat.isHeld() ? "held, " : "not held, ") + heard);
                }
            }
        };
        Logger log = (Logger) LoggerFactory.getLogger(Session.class);
        appender.start();
        log.addAppender(appender);
        store.failWith(Call.KEEP_ALIVE, failure(StoreException.Kind.LEASE_NOT_FOUND));
        heard.clear();

        try {
            time.advance(Duration.ofMillis(2_100));
        } finally {
            log.detachAppender(appender);
        }

        assertThat(seen).containsExactly("not held, [lost seat, expired]");
    }

    /** The processes of a host may have the same clock, and would all ask at the same instants. */
    @Test
    void pollsOfOneEngineAreGatheredButNotWithThoseOfOthers() {
        List<Set<Long>> polls = new ArrayList<>();
        for (int seed = 1; seed <= 3; seed++) {
            Set<Long> phases = new TreeSet<>();
            polls.add(phases);
            AtomicBoolean polling = new AtomicBoolean();
            ControllableStore mine = new ControllableStore(
                    new DelegatingStore(server.connect()) {
                        @Override
                        public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
                            if (polling.get()) {
                                phases.add(time.nanoTime() % 100_000_000);
                            }
                            return super.txn(txn, timeout);
                        }
                    },
                    time);
            mine.silenceWatches(true);
            LockRegistry waiting = engine(mine, time, Runnable::run, seed);
            for (String name : List.of("a", "b", "c")) {
                if (seed == 1) {
                    acquire(name, other);
                }
                waiting.lock(name).tryAcquireAsync(WAIT);
                time.advance(Duration.ofMillis(170));
            }
            polling.set(true);
            time.advance(Duration.ofSeconds(30));
            polling.set(false);
        }

        assertThat(polls).allSatisfy(phases -> assertThat(phases).hasSize(1));
        assertThat(polls).doesNotHaveDuplicates();
    }

    @Test
    void aSessionEndedByAnotherClusterIsRevokedToo() {
        AtomicInteger cluster = new AtomicInteger(1);
        ControllableStore counting = new ControllableStore(
                new DelegatingStore(server.connect()) {
                    @Override
                    public CompletableFuture<LeaseGrant> keepAlive(long leaseId, Duration timeout) {
                        return super.keepAlive(leaseId, timeout)
                                .thenApply(grant -> new LeaseGrant(grant.leaseId(), grant.ttl(), cluster.get()));
                    }

                    @Override
                    public CompletableFuture<LeaseGrant> grant(Duration ttl, Duration timeout) {
                        return super.grant(ttl, timeout)
                                .thenApply(grant -> new LeaseGrant(grant.leaseId(), grant.ttl(), cluster.get()));
                    }

                    @Override
                    public CompletableFuture<LeaseKeys> leaseKeys(long leaseId, Duration timeout) {
                        return super.leaseKeys(leaseId, timeout)
                                .thenApply(keys ->
                                        new LeaseKeys(keys.leaseId(), keys.remaining(), keys.keys(), cluster.get()));
                    }

                    @Override
                    public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
                        return super.txn(txn, timeout)
                                .thenApply(result -> new TxnResult(
                                        result.succeeded(), result.revision(), cluster.get(), result.results()));
                    }
                },
                time);
        LockRegistry mine = engine(counting, time, Runnable::run);
        acquire("seat", mine);
        cluster.set(2);

        time.advance(Duration.ofMillis(2_100));

        assertThat(heard).contains("lost seat");
        assertThat(counting.count(Call.REVOKE)).isEqualTo(1);
        assertThat(entries("seat")).isEmpty();
    }

    @Test
    void aListenerHearsEveryStateOfASession() {
        Queue<Runnable> later = new ArrayDeque<>();
        ControllableStore own = new ControllableStore(server.connect(), time);
        LockRegistry mine = engine(own, time, later::add);
        CompletableFuture<Optional<LockHandle>> request = mine.lock("seat").tryAcquireAsync(WAIT);
        run(later);
        assertThat(request).isCompleted();
        heard.clear();
        own.fateOfAll(Fate.LOSE_REQUEST);
        time.advance(TTL.dividedBy(2));
        own.fateOfAll(Fate.PASS);
        time.advance(TTL);

        run(later);

        assertThat(heard).containsSubsequence("suspect", "active");
    }

    // ---- callbacks ----

    /** Thread creation can fail; it must not make a loss, or the other losses, disappear. {@code call}: the one that fails. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void anExecutorThatFailsOnceDoesNotHideALoss(int call) {
        AtomicInteger untilFailure = new AtomicInteger(Integer.MAX_VALUE);
        Executor moody = task -> {
            if (untilFailure.decrementAndGet() == 0) {
                throw new OutOfMemoryError("unable to create native thread, by the test's will");
            }
            task.run();
        };
        ControllableStore own = new ControllableStore(server.connect(), time);
        LockRegistry mine = engine(own, time, moody);
        LockHandle a = acquire("a", mine);
        LockHandle b = acquire("b", mine);
        inspector
                .revoke(Long.parseUnsignedLong(mine.status().sessions().get(0).lease(), 16), SECOND)
                .join();
        time.advance(Duration.ofMillis(1_900));
        untilFailure.set(call);

        time.advance(TTL.multipliedBy(2));

        assertThat(a.loss()).isPresent();
        assertThat(b.loss()).isPresent();
        assertThat(acquire("a", mine).isHeld()).isTrue();
        assertThat(acquire("b", mine).isHeld()).isTrue();
    }

    @Test
    void anExecutorThatFailsOnceDoesNotSwallowAFuture() {
        AtomicBoolean failing = new AtomicBoolean();
        Executor moody = task -> {
            if (failing.compareAndSet(true, false)) {
                throw new OutOfMemoryError("unable to create native thread, by the test's will");
            }
            task.run();
        };
        ControllableStore own = new ControllableStore(server.connect(), time);
        LockRegistry mine = engine(own, time, moody);
        acquire("warm-up", mine).release();
        failing.set(true);

        CompletableFuture<Optional<LockHandle>> request = mine.lock("seat").tryAcquireAsync(SECOND);
        time.advance(Duration.ofSeconds(10));

        assertThat(request).isDone();
    }

    /** 2,000 holds lost at once with a listener that takes 20 ms must not mean 2,000 threads. */
    @Test
    void aLostSessionDoesNotStartAThreadForEveryHold() throws Exception {
        try (SystemTimeSource clock = new SystemTimeSource()) {
            MemoryServer real = new MemoryServer(clock);
            CountDownLatch slow = new CountDownLatch(1);
            AtomicInteger running = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            AtomicInteger told = new AtomicInteger();
            LockListener blocking = new LockListener() {
                @Override
                public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    awaitLatch(slow);
                    running.decrementAndGet();
                    told.incrementAndGet();
                }
            };
            LockRegistry mine = new LockEngine(
                    real.connect(),
                    clock,
                    EngineOptions.defaults()
                            .withLockDefaults(LockOptions.defaults().withTtl(Duration.ofSeconds(5)))
                            .withListeners(List.of(blocking)));
            for (int i = 0; i < 2_000; i++) {
                mine.lock("seat-" + i).tryAcquire().orElseThrow();
            }
            real.connect()
                    .revoke(
                            Long.parseUnsignedLong(
                                    mine.status().sessions().get(0).lease(), 16),
                            SECOND)
                    .join();

            await("threads at once")
                    .during(Duration.ofMillis(500))
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> most.get() > 0 && most.get() < 200);
            slow.countDown();
            await().atMost(20, TimeUnit.SECONDS).until(() -> told.get() == 2_000);
            mine.close();
        }
    }

    /** P3: never on an I/O thread; a bounded executor of the user's rejects under load, not only after close. */
    @Test
    void aSaturatedExecutorDoesNotMoveUsersCodeToIoThreads() throws Exception {
        try (SystemTimeSource clock = new SystemTimeSource()) {
            MemoryServer real = new MemoryServer(clock);
            AtomicBoolean saturated = new AtomicBoolean();
            LockRegistry mine = engine(real.connect(), clock, task -> {
                if (saturated.get()) {
                    throw new RejectedExecutionException("full, by the test's will");
                }
                task.run();
            });
            LockRegistry theirs = engine(real.connect(), clock, null);
            LockHandle holder = theirs.lock("seat").tryAcquire().orElseThrow();
            CompletableFuture<String> ranOn = mine.lock("seat")
                    .tryAcquireAsync(WAIT)
                    .thenApply(handle -> Thread.currentThread().getName());
            await().until(() -> read(real.connect(), "locks/seat/").size() == 2);
            saturated.set(true);
            holder.release();

            assertThat(ranOn.get(5, TimeUnit.SECONDS)).doesNotContain("holdfast-timer");
            saturated.set(false);
            mine.close();
            theirs.close();
        }
    }

    @Test
    void closeWaitsForALeaseGrantedMeanwhile() {
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        Logger log = (Logger) LoggerFactory.getLogger(LockEngine.class);
        logged.start();
        log.addAppender(logged);
        try (SystemTimeSource clock = new SystemTimeSource()) {
            ControllableStore slow = new ControllableStore(new MemoryServer(clock).connect(), clock);
            slow.delayAnswers(Duration.ofMillis(50));
            LockRegistry mine =
                    new LockEngine(slow, clock, EngineOptions.defaults().withCloseTimeout(Duration.ofSeconds(3)));
            mine.lock("seat").tryAcquireAsync(WAIT);
            assertThat(slow.count(Call.GRANT)).isEqualTo(1);

            mine.close();

            assertThat(slow.count(Call.REVOKE)).isEqualTo(1);
            assertThat(logged.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .isEmpty();
        } finally {
            log.detachAppender(logged);
        }
    }

    /** The second try of a refusal comes later than the end of the timers. */
    @Test
    void closeTellsWhatTheExecutorRefused() {
        LockHandle others = acquire("seat", other);
        AtomicBoolean saturated = new AtomicBoolean();
        LockRegistry mine = engine(server.connect(), time, task -> {
            if (saturated.get()) {
                throw new RejectedExecutionException("full, by the test's will");
            }
            task.run();
        });
        LockHandle held = acquire("bed", mine);
        CompletableFuture<Optional<LockHandle>> waiting = mine.lock("seat").tryAcquireAsync(WAIT);
        saturated.set(true);

        mine.close();

        assertThat(waiting).failsWithin(SECOND);
        assertThat(held.lost()).succeedsWithin(SECOND);
        assertThat(others.isHeld()).isTrue();
    }

    // ---- waiting ----

    @Test
    void aWatchThatIsRefusedIsNotAskedForAgainAndAgain() {
        LockStore withoutWatches = new DelegatingStore(server.connect()) {
            @Override
            public Watch watch(KeyRange range, Watcher watcher) {
                time.schedule(Duration.ZERO, () -> watcher.broken(failure(StoreException.Kind.PERMISSION_DENIED)));
                return () -> {};
            }
        };
        ControllableStore counting = new ControllableStore(withoutWatches, time);
        LockRegistry mine = engine(counting, time, Runnable::run);
        acquire("seat", other);
        mine.lock("seat").tryAcquireAsync(WAIT);
        int before = counting.count(Call.TXN);

        time.advance(Duration.ofSeconds(60));

        // Reads by poll: one in four seconds; by the longest backoff: one a second.
        assertThat(counting.count(Call.TXN) - before).isLessThan(150);
    }

    /** A hold taken and released while an audit is on its way is no orphan. */
    @Test
    void anAuditThatOverlapsAShortHoldFindsNoOrphan() {
        AtomicReference<Runnable> beforeAudit = new AtomicReference<>();
        LockStore late = new DelegatingStore(server.connect()) {
            @Override
            public CompletableFuture<LeaseKeys> leaseKeys(long leaseId, Duration timeout) {
                CompletableFuture<LeaseKeys> answer = new CompletableFuture<>();
                // The request travels 10 ms, the answer 20 ms.
                time.schedule(Duration.ofMillis(10), () -> {
                    LeaseKeys keys = super.leaseKeys(leaseId, timeout).join();
                    time.schedule(Duration.ofMillis(20), () -> answer.complete(keys));
                });
                Runnable action = beforeAudit.get();
                if (action != null) {
                    time.schedule(Duration.ofMillis(5), action);
                }
                return answer;
            }
        };
        LockRegistry mine = engine(late, time, Runnable::run);
        acquire("seat", mine);
        beforeAudit.set(() -> {
            LockHandle brief = mine.lock("brief").tryAcquire().orElseThrow();
            time.schedule(Duration.ofMillis(10), brief::releaseAsync);
        });

        time.advance(Duration.ofMillis(2_100));

        assertThat(read(inspector, "locks/%guard/")).isEmpty();
    }

    // ---- close ----

    /** P8: close leaves no lease; what a shared session gets (revoke awaited), a private one must get too. */
    @Test
    void closeWaitsForTheRevokeOfPrivateSessions() {
        closeLeavesNothing(mine -> mine.lock("seat", options().withRenew(false)).tryAcquire());
    }

    @Test
    void closeWaitsForTheRevokeOfSharedSessions() {
        closeLeavesNothing(mine -> mine.lock("seat").tryAcquire());
    }

    @Test
    void closeWaitsForTheRevokeOfSessionsBeingGranted() {
        closeLeavesNothing(mine -> {
            slowGrants.set(true);
            mine.lock("seat").tryAcquireAsync(WAIT);
        });
    }

    private final AtomicBoolean slowGrants = new AtomicBoolean();

    private void closeLeavesNothing(java.util.function.Consumer<LockRegistry> before) {
        try (SystemTimeSource clock = new SystemTimeSource()) {
            MemoryServer real = new MemoryServer(clock);
            // Grants (if asked for) and revokes take 100 ms to arrive; closing the store drops them, as a channel does.
            AtomicBoolean closed = new AtomicBoolean();
            LockStore slow = new DelegatingStore(real.connect()) {
                @Override
                public CompletableFuture<Void> revoke(long leaseId, Duration timeout) {
                    return later(() -> super.revoke(leaseId, timeout));
                }

                @Override
                public CompletableFuture<LeaseGrant> grant(Duration ttl, Duration timeout) {
                    return slowGrants.get()
                            ? super.grant(ttl, timeout)
                                    .thenCompose(grant -> later(() -> CompletableFuture.completedFuture(grant)))
                            : super.grant(ttl, timeout);
                }

                private <T> CompletableFuture<T> later(java.util.function.Supplier<CompletableFuture<T>> request) {
                    CompletableFuture<T> answer = new CompletableFuture<>();
                    clock.schedule(Duration.ofMillis(100), () -> {
                        if (closed.get()) {
                            answer.completeExceptionally(failure(StoreException.Kind.CLOSED));
                        } else {
                            request.get().thenAccept(answer::complete);
                        }
                    });
                    return answer;
                }

                @Override
                public void close() {
                    closed.set(true);
                    super.close();
                }
            };
            LockRegistry mine =
                    new LockEngine(slow, clock, EngineOptions.defaults().withCloseTimeout(Duration.ofSeconds(3)));
            before.accept(mine);

            mine.close();

            await("keys and lease gone, long before the lease would end by itself")
                    .atMost(3, TimeUnit.SECONDS)
                    .until(() -> read(real.connect(), "locks/").isEmpty()
                            && real.connect()
                                    .leaseKeys(0x694d_0000_0000_0001L, SECOND)
                                    .isCompletedExceptionally());
        }
    }

    /** A connection cut at that moment, a leader being elected, a token that has just expired: all are over long before close is. */
    @ParameterizedTest
    @EnumSource(names = {"UNAVAILABLE", "EXHAUSTED", "UNAUTHENTICATED"})
    void closeRevokesAgainAsLongAsItHasTime(StoreException.Kind kind) {
        try (SystemTimeSource clock = new SystemTimeSource()) {
            MemoryServer real = new MemoryServer(clock);
            ControllableStore failing = new ControllableStore(real.connect(), clock);
            LockRegistry mine =
                    new LockEngine(failing, clock, EngineOptions.defaults().withCloseTimeout(Duration.ofSeconds(5)));
            mine.lock("seat").tryAcquire().orElseThrow();
            failing.failUntilRefreshed(Call.REVOKE, failure(kind));
            if (kind != StoreException.Kind.UNAUTHENTICATED) {
                clock.schedule(Duration.ofMillis(300), () -> failing.failWith(Call.REVOKE, null));
            }

            mine.close();

            assertThat(read(real.connect(), "locks/")).isEmpty();
            assertThat(real.leases()).isZero();
        }
    }

    /** The first asked is frozen: the request that hangs there must not take all the time. */
    @Test
    void closeRevokesAgainWhenTheFirstHangs() {
        try (SystemTimeSource clock = new SystemTimeSource()) {
            MemoryServer real = new MemoryServer(clock);
            ControllableStore hanging = new ControllableStore(real.connect(), clock);
            LockRegistry mine = new LockEngine(
                    hanging,
                    clock,
                    EngineOptions.defaults()
                            .withRequestTimeout(Duration.ofMillis(300))
                            .withCloseTimeout(Duration.ofSeconds(3)));
            mine.lock("seat").tryAcquire().orElseThrow();
            hanging.fate(Call.REVOKE, Fate.LOSE_REQUEST);
            clock.schedule(Duration.ofMillis(100), () -> hanging.fate(Call.REVOKE, Fate.PASS));

            mine.close();

            assertThat(real.leases()).isZero();
        }
    }

    @Test
    void closeDoesNotRepeatWhatWillStayRefused() {
        try (SystemTimeSource clock = new SystemTimeSource()) {
            ControllableStore failing = new ControllableStore(new MemoryServer(clock).connect(), clock);
            LockRegistry mine =
                    new LockEngine(failing, clock, EngineOptions.defaults().withCloseTimeout(Duration.ofMinutes(5)));
            mine.lock("seat").tryAcquire().orElseThrow();
            failing.failWith(Call.REVOKE, failure(StoreException.Kind.PERMISSION_DENIED));
            long before = System.nanoTime();

            mine.close();

            assertThat(failing.count(Call.REVOKE)).isEqualTo(1);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMinutes(1));
        }
    }

    /** No timer of a revoke outlives close. */
    @Test
    void closeEndsTheRepetitionsWithItsTime() {
        try (SystemTimeSource clock = new SystemTimeSource()) {
            ControllableStore failing = new ControllableStore(new MemoryServer(clock).connect(), clock);
            LockEngine mine =
                    new LockEngine(failing, clock, EngineOptions.defaults().withCloseTimeout(Duration.ofMillis(400)));
            mine.lock("seat", options().withRenew(false)).tryAcquire().orElseThrow();
            failing.failWith(Call.REVOKE, failure(StoreException.Kind.UNAVAILABLE));

            mine.close();

            await().until(() -> mine.footprint().unrevoked() == 0);
            int revokes = failing.count(Call.REVOKE);
            assertThat(revokes).isBetween(2, 10);
            await().during(1_500, TimeUnit.MILLISECONDS).until(() -> failing.count(Call.REVOKE) == revokes);
        }
    }

    @Test
    void closeFromACallbackIsQuick() throws Exception {
        try (SystemTimeSource clock = new SystemTimeSource()) {
            LockRegistry mine = new LockEngine(
                    new MemoryServer(clock).connect(),
                    clock,
                    EngineOptions.defaults().withCloseTimeout(Duration.ofSeconds(3)));
            LockHandle first = mine.lock("seat").tryAcquire().orElseThrow();
            CompletableFuture<Duration> took = mine.lock("seat")
                    .tryAcquireAsync(WAIT)
                    .thenApply(handle -> {
                        long before = System.nanoTime();
                        mine.close();
                        return Duration.ofNanos(System.nanoTime() - before);
                    });

            first.release();
            assertThat(took.get(10, TimeUnit.SECONDS)).isLessThan(Duration.ofMillis(2_500));
        }
    }

    // ---- revisions ----

    @Test
    void writesAnsweredInTheOppositeOrderAreNoOtherCluster() {
        ClusterWatch watch = new ClusterWatch(() -> heard.add("cluster changed"));
        watch.answeredAt(0, 100, true);
        long first = watch.mark();
        long second = watch.mark();
        watch.answeredAt(second, 102, true);
        watch.answeredAt(first, 101, true);
        assertThat(heard).doesNotContain("cluster changed");
    }

    // ---- a lease of one's own ----

    @Test
    void aHoldThatIsNotRenewedAndCannotBeRefreshedEndsItsWait() {
        LockHandle theirs = acquire("seat", other);
        CompletableFuture<Optional<LockHandle>> request =
                lock("seat", options().withRenew(false)).tryAcquireAsync(WAIT);
        time.advance(Duration.ofSeconds(5));
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_REQUEST);
        theirs.release();

        time.advance(TTL.multipliedBy(2));

        assertThat(request).isDone();
        assertThat(entries("seat")).isEmpty();
        assertThat(store.openWatches()).isZero();
    }

    @Test
    void failedTriesOfUnrenewedLocksLeaveNoLease() {
        acquire("seat", other);
        for (int i = 0; i < 50; i++) {
            assertThat(lock("seat", options().withRenew(false)).tryAcquire()).isEmpty();
        }
        assertThat(registry.status().sessions()).isEmpty();
        assertThat(store.count(Call.REVOKE)).isEqualTo(50);
        int renewals = store.count(Call.KEEP_ALIVE);
        time.advance(TTL);
        assertThat(store.count(Call.KEEP_ALIVE)).isEqualTo(renewals);
    }

    // ---- support ----

    private Runnable onExpired = () -> {};
    private Runnable onNotAcquired = () -> {};

    private LockRegistry engine(LockStore onStore, TimeSource on, @Nullable Executor executor) {
        return engine(onStore, on, executor, 42);
    }

    private LockRegistry engine(LockStore onStore, TimeSource on, @Nullable Executor executor, long seed) {
        EngineOptions options = EngineOptions.defaults()
                .withLockDefaults(options())
                .withListeners(List.of(new Recorder()))
                .withCloseTimeout(Duration.ofMillis(50));
        return new LockEngine(
                onStore,
                on,
                executor == null ? options : options.withCallbackExecutor(executor),
                new SplittableRandom(seed),
                () -> {});
    }

    private static LockOptions options() {
        return LockOptions.defaults().withTtl(TTL);
    }

    private LeaseLock lock(String name) {
        return registry.lock(name);
    }

    private LeaseLock lock(String name, LockOptions options) {
        return registry.lock(name, options);
    }

    private LockHandle acquire(String name) {
        return acquire(name, registry);
    }

    private LockHandle acquire(String name, LockRegistry from) {
        CompletableFuture<Optional<LockHandle>> request = from.lock(name).tryAcquireAsync(WAIT);
        for (int i = 0; i < 100 && !request.isDone(); i++) {
            time.advance(Duration.ofMillis(100));
        }
        assertThat(request).as("request for " + name).isDone();
        return request.join().orElseThrow();
    }

    private static Optional<LockHandle> tryAcquire(LockRegistry from, Duration wait) {
        try {
            return from.lock("seat").tryAcquire(wait);
        } catch (InterruptedException interrupt) {
            throw new CompletionException(interrupt);
        }
    }

    private void warmUp() {
        acquire("warm-up").release();
    }

    private static void run(Queue<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private List<KeyValue> entries(String name) {
        return read(inspector, "locks/" + name + "/");
    }

    private static List<KeyValue> read(LockStore from, String prefix) {
        return from.txn(Txn.of(new Op.Get(KeyRange.prefix(prefix), Op.Order.OLDEST_FIRST, 0, 0, false)), SECOND)
                .join()
                .keys(0)
                .keys();
    }

    private static StoreException failure(StoreException.Kind kind) {
        return new StoreException(kind, "by the test's will", null);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            // Bounded: the thread that is held up may be the very one that would let it go.
            if (!latch.await(1, TimeUnit.SECONDS)) {
                latch.countDown();
            }
        } catch (InterruptedException interrupt) {
            throw new CompletionException(interrupt);
        }
    }

    private final class Recorder implements LockListener {

        @Override
        public void waiting(String name, LockOptions options) {
            hear("waiting " + name);
        }

        @Override
        public void acquired(LockHandle handle, LockOptions options, Duration waited) {
            hear("acquired " + handle.name());
        }

        @Override
        public void notAcquired(String name, LockOptions options, WaitOutcome outcome, Duration waited) {
            hear("notAcquired " + name + " " + outcome);
            onNotAcquired.run();
        }

        @Override
        public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
            hear("lost " + handle.name());
        }

        @Override
        public void sessionChanged(RegistryStatus.Session session) {
            hear(session.state().name().toLowerCase(java.util.Locale.ROOT));
            if (session.state() == State.EXPIRED) {
                onExpired.run();
            }
        }

        private void hear(String event) {
            synchronized (heard) {
                heard.add(event);
            }
        }
    }
}
