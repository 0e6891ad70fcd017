package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.ControllableStore;
import dev.holdfast.lock.test.ControllableStore.Call;
import dev.holdfast.lock.test.ControllableStore.Fate;
import dev.holdfast.lock.test.ManualTime;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code maxHold} and {@code holdAtLeast} on a clock and a network of the test's choice. */
class CapsUnderFaultsTests {

    private static final Duration TTL = Duration.ofSeconds(12);
    private static final Duration WAIT = Duration.ofMinutes(5);
    private static final Duration MOMENT = Duration.ofMillis(1);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Of a maxHold of a minute, by the margin of the session. */
    private static final Duration MARGIN = new SessionTiming(TTL).margin();

    private final ManualTime time = new ManualTime();
    private final CountedTimers timers = new CountedTimers(time);
    private final MemoryServer server = new MemoryServer(time);
    private final LockStore inspector = server.connect();
    private final ControllableStore store = new ControllableStore(server.connect(), time);
    private final List<String> heard = new ArrayList<>();
    private final LockEngine registry = engine(store, timers);
    private final LockEngine other = engine(server.connect(), time);

    @Test
    void aHoldIsLostWhenItsTimeIsOverThoughItsSessionGoesOn() {
        LockHandle unlimited = acquire("free", options());
        LockHandle handle = acquire("seat", options().withMaxHold(MINUTE));
        assertThat(handle.remaining()).isLessThan(TTL);

        time.advance(MINUTE.minus(MOMENT));
        assertThat(handle.isHeld()).isTrue();
        assertThat(handle.remaining()).isEqualTo(MOMENT);

        time.advance(MOMENT);
        assertThat(heard).contains("lost seat MAX_HOLD");
        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.remaining()).isZero();
        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.MAX_HOLD);
        assertThat(handle.lost().toCompletableFuture())
                .isCompletedWithValueMatching(loss -> loss.detail().contains("60000 ms"));
        assertThatExceptionOfType(LockLostException.class).isThrownBy(handle::ensureHeld);
        assertThat(unlimited.isHeld()).isTrue();
        assertThat(registry.status().held()).isEqualTo(1);
    }

    @Test
    void theHolderHearsBeforeAnybodyElseComesIn() {
        LockHandle handle = acquire("seat", options().withMaxHold(MINUTE));
        CompletableFuture<Optional<LockHandle>> there = other.lock("seat").tryAcquireAsync(WAIT);
        CompletableFuture<Optional<LockHandle>> here = registry.lock("seat").tryAcquireAsync(WAIT);
        time.advance(MINUTE.plus(MARGIN).minus(MOMENT));
        assertThat(handle.loss()).isPresent();
        assertThat(entries("seat").get(0).createRevision()).isEqualTo(handle.fencingToken());
        assertThat(there).isNotDone();

        time.advance(MOMENT.multipliedBy(10));

        assertThat(there).isCompletedWithValueMatching(Optional::isPresent);
        there.join().orElseThrow().release();
        time.advance(SECOND);
        assertThat(here).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void theMarginOfAShortHoldIsShort() {
        acquire("seat", options().withMaxHold(Duration.ofMillis(50)));

        time.advance(Duration.ofMillis(149));
        assertThat(entries("seat")).hasSize(1);
        time.advance(Duration.ofMillis(2));
        assertThat(entries("seat")).isEmpty();
    }

    @Test
    void aProcessThatWasStoppedSeesByTheClockAndHasItsMargin() {
        LockHandle handle = acquire("seat", options().withMaxHold(Duration.ofSeconds(5)));

        time.pause(Duration.ofSeconds(6));

        assertThat(handle.isHeld()).isFalse();
        assertThat(heard).containsExactly("lost seat MAX_HOLD");
        assertThat(handle.remaining()).isZero();
        time.advance(Duration.ofMillis(499));
        assertThat(entries("seat")).hasSize(1);
        time.advance(Duration.ofMillis(2));
        assertThat(entries("seat")).isEmpty();
        time.advance(MINUTE);
        assertThat(heard).containsExactly("lost seat MAX_HOLD");
    }

    @Test
    void aReleaseAfterTheLossLetsOthersInAtOnceAndCoversUpNothing() {
        LockHandle handle = acquire("seat", options().withMaxHold(Duration.ofSeconds(5)));
        time.advance(Duration.ofSeconds(5));
        assertThat(entries("seat")).hasSize(1);

        handle.release();

        assertThat(entries("seat")).isEmpty();
        assertThat(handle.loss()).isPresent();
        assertThat(heard).containsExactly("lost seat MAX_HOLD");
        handle.release();
        time.advance(MINUTE);
        assertThat(heard).containsExactly("lost seat MAX_HOLD");
        assertNothingRemains();
    }

    @Test
    void aReleaseThatIsLateByTheClockIsALoss() {
        LockHandle handle = acquire("seat", options().withMaxHold(Duration.ofSeconds(5)));
        time.pause(Duration.ofSeconds(5));

        CompletableFuture<Void> released = handle.releaseAsync();

        assertThat(released).isCompleted();
        assertThat(entries("seat")).isEmpty();
        assertThat(heard).containsExactly("lost seat MAX_HOLD");
    }

    @Test
    void aHoldWithoutRenewalIsCappedToo() {
        LockHandle handle = acquire("seat", options().withRenew(false).withMaxHold(Duration.ofSeconds(5)));
        time.advance(Duration.ofSeconds(6));

        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.MAX_HOLD);
        assertThat(entries("seat")).isEmpty();
        assertThat(server.leases()).isZero();
        assertNothingRemains();
    }

    @Test
    void theLossOfTheSessionComesFirstIfItDoes() {
        LockHandle handle = acquire("seat", options().withMaxHold(MINUTE));
        store.fateOfAll(Fate.LOSE_REQUEST);

        time.advance(MINUTE.multipliedBy(2));

        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.EXPIRED);
        assertThat(heard).containsExactly("lost seat EXPIRED");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReleaseInTimeLeavesNoTimerBehind(boolean extended) {
        acquire("warm-up", options()).release();
        int before = timers.pending();
        for (int i = 0; i < 10; i++) {
            LockHandle handle = acquire("seat", options().withMaxHold(MINUTE).withHoldAtLeast(Duration.ofMillis(5)));
            if (extended) {
                assertThat(handle.extend(MINUTE, Duration.ZERO)).isTrue();
            }
            handle.release();
            time.advance(Duration.ofMillis(10));
        }

        assertThat(timers.pending()).isLessThanOrEqualTo(before);
        assertNothingRemains();
    }

    @Test
    void anExtensionCountsBothCapsFromNow() {
        LockHandle handle = acquire("seat", options().withMaxHold(Duration.ofSeconds(10)));
        time.advance(Duration.ofSeconds(9));

        assertThat(handle.extend(MINUTE, Duration.ofSeconds(30))).isTrue();

        time.advance(Duration.ofSeconds(25));
        assertThat(handle.isHeld()).isTrue();
        handle.release();
        time.advance(Duration.ofSeconds(5).minus(MOMENT));
        assertThat(entries("seat")).hasSize(1);
        time.advance(MOMENT);
        assertThat(entries("seat")).isEmpty();
    }

    @Test
    void anExtensionCanShortenAndLiftTheLimit() {
        LockHandle shortened = acquire("short", options().withMaxHold(Duration.ofHours(1)));
        LockHandle lifted = acquire("lifted", options().withMaxHold(Duration.ofSeconds(10)));

        assertThat(shortened.extend(Duration.ofSeconds(2), Duration.ZERO)).isTrue();
        assertThat(lifted.extend(Duration.ZERO, Duration.ZERO)).isTrue();

        time.advance(Duration.ofSeconds(2));
        assertThat(heard).containsExactly("lost short MAX_HOLD");
        time.advance(MINUTE);
        assertThat(lifted.isHeld()).isTrue();
    }

    @Test
    void whatHasEndedIsNotExtended() {
        LockHandle late = acquire("late", options().withMaxHold(Duration.ofSeconds(5)));
        LockHandle released = acquire("released", options());
        released.release();
        time.pause(Duration.ofSeconds(5));

        assertThat(late.extend(MINUTE, Duration.ZERO)).isFalse();
        assertThat(late.isHeld()).isFalse();
        assertThat(late.loss()).isPresent();
        assertThat(released.extend(MINUTE, MINUTE)).isFalse();
        assertThat(entries("released")).isEmpty();
    }

    @Test
    void anExtensionIsCheckedLikeOptions() {
        LockHandle handle = acquire("seat", options());

        assertThatIllegalArgumentException().isThrownBy(() -> handle.extend(SECOND, MINUTE));
        assertThatIllegalArgumentException().isThrownBy(() -> handle.extend(SECOND.negated(), Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> handle.extend(SECOND, SECOND.negated()));
        assertThat(handle.isHeld()).isTrue();
    }

    /** The extension has read the clock in time; before it takes effect, another thread sees that the time is over. */
    @Test
    void whoSawTheTimePassIsNotContradictedByAnExtension() {
        Duration limit = Duration.ofSeconds(5);
        LockOptions options = options().withMaxHold(limit);
        List<Boolean> seen = new ArrayList<>();
        HoldCaps[] caps = new HoldCaps[1];
        TimeSource racing = new TimeSource() {
            private int looks;

            @Override
            public long nanoTime() {
                if (looks++ == 0) {
                    seen.add(caps[0].spent());
                    return limit.minusNanos(1).toNanos();
                }
                return limit.toNanos();
            }

            @Override
            public long wallMillis() {
                return 0;
            }

            @Override
            public Timer schedule(Duration delay, Runnable task) {
                return () -> {};
            }
        };
        caps[0] = new HoldCaps(racing, 0, options);

        boolean extended = caps[0].extend(options);

        assertThat(seen).containsExactly(true);
        assertThat(extended).isFalse();
        assertThat(caps[0].spent()).isTrue();
    }

    @Test
    void aNameReleasedEarlyStaysClosedUntilItsTimeIsOver() {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(MINUTE));
        KeyValue held = entries("seat").get(0);
        time.advance(Duration.ofSeconds(10));
        handle.release();
        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.loss()).isEmpty();
        assertThat(heard).containsExactly("released seat");
        KeyValue kept = entries("seat").get(0);
        assertThat(kept.createRevision()).isEqualTo(held.createRevision());
        assertThat(kept.value()).isEqualTo(held.value());
        assertThat(kept.leaseId()).isNotEqualTo(held.leaseId());
        CompletableFuture<Optional<LockHandle>> there = other.lock("seat").tryAcquireAsync(WAIT);
        CompletableFuture<Optional<LockHandle>> here = registry.lock("seat").tryAcquireAsync(WAIT);

        time.advance(Duration.ofSeconds(50).minus(MOMENT));
        assertThat(registry.lock("seat").tryAcquire()).isEmpty();
        assertThat(there).isNotDone();
        assertThat(here).isNotDone();
        assertThat(entries("seat").get(0).leaseId()).isEqualTo(kept.leaseId());

        time.advance(MOMENT.multipliedBy(10));
        assertThat(there).isCompletedWithValueMatching(Optional::isPresent);
        there.join().orElseThrow().release();
        time.advance(SECOND);
        assertThat(here).isCompletedWithValueMatching(Optional::isPresent);
        here.join().orElseThrow().release();
        // One each: the own lease is gone.
        assertThat(server.leases()).isEqualTo(2);
        assertNothingRemains();
        assertThat(heard).doesNotContainSubsequence("lost");
    }

    @Test
    void auditsNeitherMissNorRemoveWhatIsKept() {
        LockHandle beside = acquire("beside", options());
        acquire("seat", options().withHoldAtLeast(MINUTE.multipliedBy(10))).release();

        time.advance(MINUTE.multipliedBy(9));

        assertThat(store.count(Call.LEASE_KEYS)).isGreaterThan(100);
        assertThat(entries("seat")).hasSize(1);
        assertThat(beside.isHeld()).isTrue();
        assertThat(heard).containsExactly("released seat");
        time.advance(MINUTE);
        assertThat(entries("seat")).isEmpty();
        assertThat(heard).containsExactly("released seat");
    }

    @Test
    void auditsDuringTheMoveMissNothing() {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(MINUTE));
        store.fate(Call.TXN, Fate.LOSE_ANSWER);
        CompletableFuture<Void> released = handle.releaseAsync();

        time.advance(Duration.ofSeconds(30));

        assertThat(released).isNotDone();
        assertThat(heard).containsExactly("released seat");
        assertThat(entries("seat")).hasSize(1);
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(4));
        assertThat(released).isCompleted();
        time.advance(Duration.ofSeconds(26));
        assertThat(entries("seat")).isEmpty();
        assertNothingRemains();
    }

    @Test
    void afterItsTimeAReleaseRemovesAtOnce() {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(SECOND));
        time.advance(SECOND);
        int grants = store.count(Call.GRANT);

        handle.release();

        assertThat(entries("seat")).isEmpty();
        assertThat(store.count(Call.GRANT)).isEqualTo(grants);
    }

    @Test
    void aLossWithinTheTimeKeepsNothing() {
        acquire("seat", options().withHoldAtLeast(MINUTE));
        store.fateOfAll(Fate.LOSE_REQUEST);

        time.advance(TTL.plus(SECOND));

        assertThat(heard).containsExactly("lost seat EXPIRED");
        assertThat(other.lock("seat").tryAcquire()).isPresent();
    }

    @Test
    void aSharedSessionThatEndsLaterTakesNothingWithIt() {
        LockHandle beside = acquire("beside", options());
        acquire("seat", options().withHoldAtLeast(MINUTE)).release();
        store.fateOfAll(Fate.LOSE_REQUEST);
        time.advance(TTL.plus(SECOND));
        assertThat(beside.loss()).isPresent();
        assertThat(entries("beside")).isEmpty();

        assertThat(entries("seat")).hasSize(1);

        store.fateOfAll(Fate.PASS);
        time.advance(MINUTE);
        assertThat(entries("seat")).isEmpty();
        assertNothingRemains();
    }

    @Test
    void aHoldWithoutRenewalLeavesItsLeaseForTheOther() {
        LockHandle handle = acquire("seat", options().withRenew(false).withHoldAtLeast(MINUTE));

        handle.release();

        assertThat(server.leases()).isEqualTo(1);
        time.advance(MINUTE.minus(MOMENT));
        assertThat(entries("seat")).hasSize(1);
        time.advance(SECOND);
        assertThat(server.leases()).isZero();
        assertNothingRemains();
    }

    /** Each of the requests of the move and of its end can be lost, before or after it is executed. */
    @ParameterizedTest
    @EnumSource(
            value = Fate.class,
            names = {"LOSE_REQUEST", "LOSE_ANSWER", "PARK"})
    void aMoveIsRepeatedUntilItIsAnswered(Fate fate) {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(MINUTE));
        store.fate(Call.GRANT, fate);
        CompletableFuture<Void> released = handle.releaseAsync();
        time.advance(Duration.ofSeconds(3));
        assertThat(released).isNotDone();
        store.fate(Call.GRANT, Fate.PASS);
        store.fate(Call.TXN, fate);
        time.advance(Duration.ofSeconds(5));
        assertThat(released).isNotDone();
        assertThat(registry.lock("seat").tryAcquire()).isEmpty();
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(3));

        assertThat(released).isCompleted();
        store.deliverParked();
        time.advance(Duration.ofSeconds(49).minus(MOMENT));
        assertThat(entries("seat")).hasSize(1);
        store.fate(Call.REVOKE, fate);
        time.advance(Duration.ofSeconds(5));
        store.fate(Call.REVOKE, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        assertThat(entries("seat")).isEmpty();
        assertNothingRemains();
    }

    @Test
    void aLateCopyOfTheMoveHurtsNoLaterHold() {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(Duration.ofSeconds(10)));
        store.fate(Call.TXN, Fate.PARK);
        CompletableFuture<Void> released = handle.releaseAsync();
        // Never answered in time, so the entry is removed when the time is over.
        time.advance(Duration.ofSeconds(10));
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(3));
        assertThat(released).isCompleted();
        assertThat(entries("seat")).isEmpty();
        LockHandle later = acquire("seat", options());
        KeyValue entry = entries("seat").get(0);

        store.deliverParked();
        time.advance(MINUTE);

        assertThat(entries("seat")).containsExactly(entry);
        assertThat(later.isHeld()).isTrue();
        assertThat(server.leases()).isEqualTo(1);
    }

    @Test
    void aLeaseThatEndedBeforeTheMoveIsReplaced() {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(MINUTE));
        int grants = store.count(Call.GRANT);
        store.failWith(Call.TXN, failure(StoreException.Kind.LEASE_NOT_FOUND));
        handle.releaseAsync();
        time.advance(MOMENT);
        store.failWith(Call.TXN, null);

        time.advance(SECOND);

        assertThat(store.count(Call.GRANT)).isEqualTo(grants + 2);
        assertThat(registry.status().sessions()).hasSize(1);
        time.advance(MINUTE.minus(SECOND.multipliedBy(2)));
        assertThat(entries("seat")).hasSize(1);
        time.advance(SECOND);
        assertThat(entries("seat")).isEmpty();
        assertThat(heard).containsExactly("released seat");
    }

    @Test
    void aSessionLostDuringTheMoveFreesTheName() {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(MINUTE.multipliedBy(10)));
        store.fateOfAll(Fate.LOSE_REQUEST);
        CompletableFuture<Void> released = handle.releaseAsync();

        time.advance(TTL.plus(SECOND));

        assertThat(released).isCompleted();
        assertThat(handle.loss()).isEmpty();
        assertThat(other.lock("seat").tryAcquire()).hasValueSatisfying(LockHandle::release);
        store.fateOfAll(Fate.PASS);
        LockHandle again = acquire("seat", options());
        time.advance(MINUTE);
        assertThat(again.isHeld()).isTrue();
        again.release();
        assertNothingRemains();
    }

    @Test
    void aMoveThatCameThroughUnheardKeepsTheNameThoughTheSessionIsLost() {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(MINUTE));
        store.fate(Call.TXN, Fate.LOSE_ANSWER);
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_REQUEST);
        handle.releaseAsync();
        time.advance(TTL.plus(SECOND));
        assertThat(registry.status().sessions()).isEmpty();
        store.fateOfAll(Fate.PASS);

        assertThat(other.lock("seat").tryAcquire()).isEmpty();
        CompletableFuture<Optional<LockHandle>> next = registry.lock("seat").tryAcquireAsync(WAIT);
        time.advance(Duration.ofSeconds(45));
        assertThat(next).isNotDone();

        time.advance(Duration.ofSeconds(5));
        assertThat(next).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void aKeyThatSomebodyDeletedDuringTheMoveIsNotPutBack() {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(MINUTE));
        store.fate(Call.TXN, Fate.LOSE_REQUEST);
        CompletableFuture<Void> released = handle.releaseAsync();
        time.advance(MOMENT);
        inspector.txn(Txn.of(new Op.Delete(KeyRange.prefix("locks/seat/"))), SECOND);
        store.fate(Call.TXN, Fate.PASS);

        time.advance(Duration.ofSeconds(5));

        assertThat(released).isCompleted();
        assertThat(entries("seat")).isEmpty();
        assertThat(server.leases()).isEqualTo(1);
        assertNothingRemains();
    }

    @Test
    void aProcessThatWasStoppedOverTheEndFreesTheNameWhenItGoesOn() {
        acquire("seat", options().withHoldAtLeast(Duration.ofSeconds(5))).release();
        time.pause(Duration.ofSeconds(4));
        time.advance(Duration.ofSeconds(1));

        assertThat(entries("seat")).isEmpty();
        assertThat(acquire("seat", options()).isHeld()).isTrue();
    }

    @Test
    void whatIsKeptSurvivesTheClose() {
        acquire("seat", options().withHoldAtLeast(MINUTE)).release();

        registry.close();

        assertKeptUntilTheMinuteIsOver();
    }

    @Test
    void aHoldWithinItsTimeIsLostByTheCloseAndKept() {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(MINUTE));
        LockHandle beside = acquire("beside", options());

        registry.close();

        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.CLOSED);
        assertThat(beside.loss()).isPresent();
        assertThat(entries("beside")).isEmpty();
        assertKeptUntilTheMinuteIsOver();
        assertThat(heard).containsExactlyInAnyOrder("lost seat CLOSED", "lost beside CLOSED");
    }

    @Test
    void aCloseDuringTheMoveWaitsForIt() {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(MINUTE));
        store.delayAnswers(SECOND);
        CompletableFuture<Void> released = handle.releaseAsync();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(registry::close);
        // Whoever closes waits in real time, and nothing may be revoked meanwhile.
        closed.join();
        assertThat(store.count(Call.REVOKE)).isZero();
        assertThat(entries("seat")).hasSize(1);

        time.advance(Duration.ofMillis(2_010));

        assertThat(released).isCompleted();
    }

    @Test
    void aCloseDuringAMoveThatIsNeverAnsweredIsBounded() {
        LockHandle handle = acquire("seat", options().withHoldAtLeast(MINUTE));
        store.fateOfAll(Fate.LOSE_REQUEST);
        CompletableFuture<Void> released = handle.releaseAsync();

        registry.close();
        time.advance(Duration.ofSeconds(3));

        assertThat(released).isCompleted();
        assertNothingRemains();
        time.advance(TTL);
        assertThat(entries("seat")).isEmpty();
    }

    @Test
    void aHoldNobodyGotToKnowOfKeepsNobodyOut() {
        List<Runnable> callbacks = new ArrayList<>();
        LockEngine slow = new LockEngine(
                server.connect(),
                time,
                EngineOptions.defaults().withLockDefaults(options()).withCallbackExecutor(callbacks::add),
                new SplittableRandom(42),
                () -> {});
        CompletableFuture<Optional<LockHandle>> request =
                slow.lock("seat", options().withHoldAtLeast(MINUTE)).tryAcquireAsync(WAIT);
        time.advance(SECOND);
        assertThat(entries("seat")).hasSize(1);

        request.cancel(false);
        List.copyOf(callbacks).forEach(Runnable::run);
        time.advance(MOMENT);

        assertThat(entries("seat")).isEmpty();
        assertThat(Remains.of(slow)).isEmpty();
    }

    private void assertKeptUntilTheMinuteIsOver() {
        assertThat(entries("seat")).hasSize(1);
        assertThat(server.leases()).isEqualTo(1);
        time.advance(MINUTE.minus(MOMENT));
        assertThat(other.lock("seat").tryAcquire()).isEmpty();
        time.advance(SECOND);
        assertThat(other.lock("seat").tryAcquire()).hasValueSatisfying(LockHandle::release);
        assertNothingRemains();
    }

    private void assertNothingRemains() {
        time.advance(NameWatch.LINGER);
        assertThat(Remains.of(registry)).isEmpty();
    }

    private LockEngine engine(LockStore onStore, TimeSource onTime) {
        EngineOptions options = EngineOptions.defaults()
                .withLockDefaults(options())
                .withListeners(onTime == timers ? List.of(new Recorder()) : List.of())
                .withCloseTimeout(Duration.ofMillis(50))
                .withCallbackExecutor(Runnable::run);
        return new LockEngine(onStore, onTime, options, new SplittableRandom(42), () -> {});
    }

    private static LockOptions options() {
        return LockOptions.defaults().withTtl(TTL);
    }

    private LockHandle acquire(String name, LockOptions options) {
        CompletableFuture<Optional<LockHandle>> request =
                registry.lock(name, options).tryAcquireAsync(WAIT);
        for (int i = 0; i < 100 && !request.isDone(); i++) {
            time.advance(Duration.ofMillis(100));
        }
        return request.join().orElseThrow();
    }

    private List<KeyValue> entries(String name) {
        return inspector
                .txn(
                        Txn.of(new Op.Get(KeyRange.prefix("locks/" + name + "/"), Op.Order.OLDEST_FIRST, 0, 0, false)),
                        SECOND)
                .join()
                .keys(0)
                .keys();
    }

    private static StoreException failure(StoreException.Kind kind) {
        return new StoreException(kind, "by the test's will", null);
    }

    private final class Recorder implements LockListener {

        @Override
        public void released(LockHandle handle, LockOptions options, Duration held) {
            heard.add("released " + handle.name());
        }

        @Override
        public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
            heard.add("lost " + handle.name() + " " + loss.reason());
        }
    }

    /** Counts the timers that have neither run nor been cancelled. */
    private static final class CountedTimers implements TimeSource {

        private final TimeSource target;
        private final Set<Object> pending = new HashSet<>();

        private CountedTimers(TimeSource target) {
            this.target = target;
        }

        private int pending() {
            return pending.size();
        }

        @Override
        public long nanoTime() {
            return target.nanoTime();
        }

        @Override
        public long wallMillis() {
            return target.wallMillis();
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            Object id = new Object();
            pending.add(id);
            Timer timer = target.schedule(delay, () -> {
                pending.remove(id);
                task.run();
            });
            return () -> {
                pending.remove(id);
                timer.cancel();
            };
        }
    }
}
