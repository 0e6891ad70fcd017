package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.RegistryStatus.State;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine on a clock and a network of the test's choice: everything happens on this thread, in {@code advance}. */
class EngineUnderFaultsTests {

    private static final Duration TTL = Duration.ofSeconds(12);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration WAIT = Duration.ofMinutes(5);

    /** Of a long outage. */
    private static final Duration PERIOD = Duration.ofMinutes(15);

    private final ManualTime time = new ManualTime();
    private final MemoryServer server = new MemoryServer(time);
    private final LockStore inspector = server.connect();
    private final ControllableStore store = new ControllableStore(server.connect(), time);
    private final List<String> heard = new ArrayList<>();
    private final LockRegistry registry = engine(store);
    private final LockRegistry other = engine(server.connect());

    @Test
    void theDeadlineCountsFromWhenTheRequestWasSent() {
        store.delayAnswers(Duration.ofSeconds(2));
        LockHandle handle = acquire("seat");

        // Grant and join took 2 s each: of 12 s less 0.2 % and the margin of 1.2 s, 4 s are gone.
        assertThat(handle.remaining()).isEqualTo(Duration.ofMillis(12_000 - 24 - 1_200 - 4_000));
    }

    @Test
    void aHoldIsLostLocallyBeforeTheStoreGivesItAway() {
        LockHandle handle = acquire("seat");
        CompletableFuture<Optional<LockHandle>> next = other.lock("seat").tryAcquireAsync(WAIT);
        store.fateOfAll(Fate.LOSE_REQUEST);
        long lostAt = -1;
        for (int i = 0; i < 300 && !next.isDone(); i++) {
            time.advance(Duration.ofMillis(100));
            if (lostAt < 0 && !handle.isHeld()) {
                lostAt = i;
                assertThat(next).isNotDone();
            }
        }

        assertThat(next.join()).isPresent();
        assertThat(lostAt).isPositive();
        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.EXPIRED);
        assertThat(heard).containsSubsequence("suspect", "lost seat", "expired");
    }

    /** The margin is for the holders, who must be told and stop: others come in after it, even if etcd could be asked at once. */
    @Test
    void aLostSessionIsRevokedOnlyWhenTheMarginHasPassed() {
        LockHandle handle = registry.lock("seat", options().withRenew(false))
                .tryAcquireAsync(WAIT)
                .join()
                .orElseThrow();
        Duration untilLost = handle.remaining();

        time.advance(untilLost.plusMillis(1));
        assertThat(handle.loss()).isPresent();
        assertThat(entries("seat")).hasSize(1);
        time.advance(new SessionTiming(TTL).margin().minusMillis(2));
        assertThat(entries("seat")).hasSize(1);

        time.advance(Duration.ofMillis(10));
        assertThat(entries("seat")).isEmpty();
    }

    /** An etcd that was down gives every lease its time anew; what nobody holds any more must not be in the way for so long. */
    @Test
    void theLeaseOfALostSessionIsRevokedSoonAfterALongOutage() {
        acquire("seat");
        store.fateOfAll(Fate.LOSE_REQUEST);
        time.advance(TTL.minusMillis(500));
        assertThat(registry.status().sessions()).isEmpty();
        server.changeLeader(Duration.ofSeconds(1));
        time.advance(TTL.dividedBy(2));
        assertThat(entries("seat")).isNotEmpty();

        store.fateOfAll(Fate.PASS);
        time.advance(Duration.ofSeconds(3));

        assertThat(entries("seat")).isEmpty();
    }

    @Test
    void isHeldTurnsFalseWithoutAnyTimer() {
        LockHandle handle = acquire("seat");

        time.pause(TTL);

        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.remaining()).isZero();
        assertThatExceptionOfType(LockLostException.class).isThrownBy(handle::ensureHeld);
        assertThat(handle.loss()).isPresent();
        assertThat(heard).containsOnlyOnce("lost seat");
    }

    @Test
    void aReleaseDoesNotCoverUpALoss() {
        LockHandle handle = acquire("seat");
        time.pause(TTL);

        handle.release();

        assertThat(handle.loss()).isPresent();
        assertThat(heard).contains("lost seat").doesNotContain("released seat");
    }

    @Test
    void anAnswerThatArrivesAfterTheDeadlineRevivesNothing() {
        LockHandle handle = acquire("seat");
        // Sent in time, executed in time, but the process was stopped while the answer waited in its socket.
        store.delayAnswers(Duration.ofMillis(500));
        time.advance(Duration.ofMillis(2_100));
        time.pause(TTL);
        time.advance(SECOND);

        assertThat(handle.isHeld()).isFalse();
        assertThat(heard).containsOnlyOnce("lost seat");
        store.delayAnswers(Duration.ZERO);
        time.advance(TTL.multipliedBy(3));
        assertThat(handle.isHeld()).isFalse();
    }

    @Test
    void aLostSessionIsNotRenewedAnyMore() {
        acquire("seat");
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_ANSWER);
        store.fate(Call.REVOKE, Fate.LOSE_REQUEST);
        time.advance(TTL);
        assertThat(heard).contains("expired");
        int renewals = store.count(Call.KEEP_ALIVE);

        time.advance(TTL.multipliedBy(2));

        assertThat(store.count(Call.KEEP_ALIVE)).isEqualTo(renewals);
        assertThat(keys()).isEmpty();
    }

    @Test
    void aShortOutageCostsNothing() {
        LockHandle handle = acquire("seat");
        store.fateOfAll(Fate.LOSE_REQUEST);
        time.advance(TTL.dividedBy(2));
        assertThat(heard).contains("suspect");
        assertThat(handle.isHeld()).isTrue();

        store.fateOfAll(Fate.PASS);
        time.advance(TTL.multipliedBy(2));

        assertThat(handle.isHeld()).isTrue();
        assertThat(heard).containsSubsequence("suspect", "active").doesNotContain("lost seat");
    }

    @Test
    void aSlowNetworkCostsNothing() {
        LockHandle handle = acquire("seat");
        store.delayAnswers(Duration.ofSeconds(2));

        time.advance(TTL.multipliedBy(5));

        assertThat(handle.isHeld()).isTrue();
        assertThat(heard).doesNotContain("suspect", "lost seat");
    }

    @Test
    void renewalsKeepTheirPaceWhenAllIsWell() {
        acquire("seat");

        time.advance(Duration.ofSeconds(60));

        assertThat(store.count(Call.KEEP_ALIVE)).isEqualTo(30);
        assertThat(store.count(Call.LEASE_KEYS)).isBetween(28, 31);
    }

    @Test
    void nothingSucceedsForLongSoAnotherConnectionIsAskedFor() {
        acquire("seat");
        store.fateOfAll(Fate.LOSE_REQUEST);

        time.advance(Duration.ofSeconds(6));

        assertThat(store.reconnects()).isPositive();
    }

    @Test
    void expiredCredentialsAreRefreshedAndTheRenewalRepeatedAtOnce() {
        LockHandle handle = acquire("seat");
        store.failWith(Call.KEEP_ALIVE, failure(StoreException.Kind.UNAUTHENTICATED));
        time.advance(Duration.ofMillis(2_010));
        assertThat(store.refreshes()).isPositive();
        assertThat(store.count(Call.KEEP_ALIVE)).isEqualTo(2);

        store.failWith(Call.KEEP_ALIVE, null);
        time.advance(TTL.multipliedBy(2));

        assertThat(handle.isHeld()).isTrue();
        assertThat(heard).doesNotContain("lost seat");
    }

    @Test
    void aLeaseThatIsGoneLosesTheHoldAtTheNextRenewal() {
        LockHandle handle = acquire("seat");
        store.failWith(Call.KEEP_ALIVE, failure(StoreException.Kind.LEASE_NOT_FOUND));

        time.advance(TTL.dividedBy(6).plus(Duration.ofMillis(10)));

        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.LEASE_GONE);
    }

    @Test
    void anyOtherRefusalOfARenewalIsOnlyTried() {
        LockHandle handle = acquire("seat");
        for (StoreException.Kind kind : List.of(
                StoreException.Kind.PERMISSION_DENIED,
                StoreException.Kind.EXHAUSTED,
                StoreException.Kind.INVALID,
                StoreException.Kind.UNAVAILABLE)) {
            store.failWith(Call.KEEP_ALIVE, failure(kind));
            time.advance(Duration.ofSeconds(4));
            assertThat(handle.isHeld()).as(kind.name()).isTrue();
            store.failWith(Call.KEEP_ALIVE, null);
            time.advance(Duration.ofSeconds(4));
        }
        assertThat(heard).doesNotContain("lost seat");
    }

    @Test
    void afterAClockJumpNothingIsHeldUntilConfirmed() {
        LockHandle handle = acquire("seat");
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_REQUEST);

        time.stepWallClock(Duration.ofHours(1));

        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.loss()).isEmpty();
        assertThatExceptionOfType(LockLostException.class)
                .isThrownBy(handle::ensureHeld)
                .withMessageContaining("clock");
        assertThat(heard).contains("suspect");
        store.fate(Call.KEEP_ALIVE, Fate.PASS);
        time.advance(Duration.ofSeconds(1));
        assertThat(handle.isHeld()).isTrue();
        assertThat(heard).doesNotContain("lost seat");
    }

    @Test
    void aClockJumpIsConfirmedAtOnceWhenTheStoreAnswers() {
        LockHandle handle = acquire("seat");

        time.stepWallClock(Duration.ofSeconds(-2));
        time.advance(Duration.ofMillis(1));

        assertThat(handle.isHeld()).isFalse();
        time.advance(SECOND);
        assertThat(handle.isHeld()).isTrue();
    }

    @Test
    void aClockJumpIsConfirmedForAHoldThatIsNotRenewed() {
        LockHandle handle = registry.lock("seat", options().withRenew(false))
                .tryAcquireAsync(WAIT)
                .join()
                .orElseThrow();
        time.stepWallClock(Duration.ofHours(1));
        assertThat(handle.isHeld()).isFalse();

        time.advance(Duration.ofMillis(2_500));

        assertThat(handle.isHeld()).isTrue();
        time.advance(TTL);
        assertThat(handle.isHeld()).isFalse();
    }

    @Test
    void aSlowClockIsNoJump() {
        LockHandle handle = acquire("seat");
        for (int i = 0; i < 100; i++) {
            time.stepWallClock(Duration.ofMillis(300));
            assertThat(handle.isHeld()).isTrue();
            time.advance(SECOND);
        }
        assertThat(heard).doesNotContain("suspect");
    }

    @Test
    void anUnansweredJoinIsMadeHarmlessAndTriedAgain() {
        warmUp();
        store.fate(Call.TXN, Fate.LOSE_ANSWER);
        CompletableFuture<Optional<LockHandle>> request = lock("seat").tryAcquireAsync(WAIT);
        time.advance(SECOND);
        assertThat(entries("seat")).hasSize(1);
        time.advance(SECOND);
        store.fate(Call.TXN, Fate.PASS);

        time.advance(Duration.ofSeconds(6));

        LockHandle handle = request.join().orElseThrow();
        assertThat(handle.isHeld()).isTrue();
        assertThat(entries("seat"))
                .singleElement()
                .satisfies(key -> assertThat(key.createRevision()).isEqualTo(handle.fencingToken()));
        assertThat(keys()).anyMatch(key -> key.startsWith("locks/%guard/"));
        handle.release();
        assertThat(entries("seat")).isEmpty();
    }

    @Test
    void aJoinExecutedLongAfterItWasGivenUpPutsNothing() {
        warmUp();
        store.fate(Call.TXN, Fate.PARK);
        CompletableFuture<Optional<LockHandle>> request = lock("seat").tryAcquireAsync(SECOND);
        time.advance(Duration.ofSeconds(3));
        assertThat(request).isCompletedExceptionally();
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));

        store.deliverParked();

        assertThat(entries("seat")).isEmpty();
        assertThat(acquire("seat").isHeld()).isTrue();
    }

    @Test
    void lateCopiesOfJoinAndCleanUpDoNotTouchALaterHold() {
        warmUp();
        store.fate(Call.TXN, Fate.PARK);
        lock("seat").tryAcquireAsync(SECOND);
        time.advance(Duration.ofSeconds(8));
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        LockHandle handle = acquire("seat");

        store.deliverParked();
        time.advance(TTL);

        assertThat(handle.isHeld()).isTrue();
        assertThat(entries("seat")).hasSize(1);
    }

    @Test
    void aTryWithoutAnswerSaysSoInTimeAndLeavesNothing() {
        warmUp();
        store.fate(Call.TXN, Fate.LOSE_ANSWER);
        CompletableFuture<Optional<LockHandle>> request = lock("seat").tryAcquireAsync(Duration.ZERO);

        time.advance(Duration.ofMillis(2_200));

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(request::join)
                .withCauseInstanceOf(LockUnavailableException.class);
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        assertThat(entries("seat")).isEmpty();
        assertThat(other.lock("seat").tryAcquire()).isPresent();
    }

    @Test
    void aReleaseWithoutAnswerIsRepeatedUntilDone() {
        LockHandle handle = acquire("seat");
        store.fate(Call.TXN, Fate.LOSE_REQUEST);
        CompletableFuture<Void> released = handle.releaseAsync();
        time.advance(Duration.ofSeconds(5));
        assertThat(handle.isHeld()).isFalse();
        assertThat(released).isNotDone();

        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(4));

        assertThat(released).isCompleted();
        assertThat(entries("seat")).isEmpty();
    }

    @Test
    void aLateCopyOfAReleaseDoesNotTouchTheNextHold() {
        LockHandle first = acquire("seat");
        store.fate(Call.TXN, Fate.PARK);
        first.releaseAsync();
        time.advance(SECOND);
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(4));
        LockHandle second = acquire("seat");

        store.deliverParked();
        time.advance(TTL);

        assertThat(second.isHeld()).isTrue();
        assertThat(entries("seat")).hasSize(1);
    }

    @Test
    void aNameBeingCleanedUpIsNotBusyButUnavailable() {
        LockHandle first = acquire("seat");
        store.fate(Call.TXN, Fate.LOSE_REQUEST);
        first.releaseAsync();
        CompletableFuture<Optional<LockHandle>> request = lock("seat").tryAcquireAsync(SECOND);

        time.advance(Duration.ofSeconds(2));

        assertThat(request).isCompletedExceptionally();
    }

    @Test
    void withoutAnyWatchThePollGrants() {
        LockHandle first = acquire("seat", other);
        store.silenceWatches(true);
        CompletableFuture<Optional<LockHandle>> waiter = lock("seat").tryAcquireAsync(WAIT);
        time.advance(SECOND);

        first.release();

        time.advance(Duration.ofMillis(4_000 * 12 / 10 + 1));
        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
        time.advance(NameWatch.LINGER);
        assertThat(store.openWatches()).isZero();
    }

    @Test
    void aBrokenWatchIsRenewedAfterARead() {
        LockHandle first = acquire("seat", other);
        CompletableFuture<Optional<LockHandle>> waiter = lock("seat").tryAcquireAsync(WAIT);
        time.advance(Duration.ofMillis(10));
        assertThat(store.openWatches()).isEqualTo(1);

        store.breakWatches();
        time.advance(Duration.ofMillis(100));
        assertThat(store.openWatches()).isEqualTo(1);
        first.release();
        time.advance(Duration.ofMillis(10));

        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void watchesThatBreakAsSoonAsTheyAreMadeAreRenewedLessAndLessOften() {
        LockHandle first = acquire("seat", other);
        CompletableFuture<Optional<LockHandle>> waiter = lock("seat").tryAcquireAsync(WAIT);
        int watches = 0;
        for (int i = 0; i < 1_000; i++) {
            time.advance(Duration.ofMillis(10));
            if (store.openWatches() == 1) {
                watches++;
                store.breakWatches();
            }
        }
        assertThat(watches).isBetween(10, 30);

        first.release();
        time.advance(SECOND.plusMillis(10));
        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
    }

    /** The answer to a read that was under way when the watch broke made it anew without any pause. */
    @Test
    void watchesThatBreakDuringAReadAreRenewedLessAndLessOften() {
        LockHandle first = acquire("seat", other);
        store.delayAnswers(Duration.ofMillis(15));
        CompletableFuture<Optional<LockHandle>> waiter = lock("seat").tryAcquireAsync(WAIT);
        int watches = 0;
        for (int i = 0; i < 1_000; i++) {
            time.advance(Duration.ofMillis(10));
            if (store.openWatches() == 1) {
                watches++;
                store.breakWatches();
            }
        }
        assertThat(watches).isBetween(10, 30);

        time.advance(Duration.ofSeconds(2));
        assertThat(store.openWatches()).isEqualTo(1);
        first.release();
        time.advance(Duration.ofMillis(50));
        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void aWatchThatLastedIsRenewedAtOnce() {
        acquire("seat", other);
        lock("seat").tryAcquireAsync(WAIT);
        for (int i = 0; i < 10; i++) {
            time.advance(Duration.ofSeconds(10));
            store.breakWatches();
            time.advance(Duration.ofMillis(60));
            assertThat(store.openWatches()).isEqualTo(1);
        }
    }

    @Test
    void theHolderReleasesBetweenJoinAndWatch() {
        LockHandle first = acquire("seat", other);
        CompletableFuture<Optional<LockHandle>> waiter = lock("seat").tryAcquireAsync(WAIT);
        // No time has passed: the watch is not in place yet.
        first.release();

        time.advance(Duration.ofMillis(10));

        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void aWaiterWhoseSessionEndsIsToldSo() {
        acquire("seat", other);
        CompletableFuture<Optional<LockHandle>> waiter = lock("seat").tryAcquireAsync(WAIT);
        time.advance(SECOND);
        store.fateOfAll(Fate.LOSE_REQUEST);

        time.advance(TTL);

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(waiter::join)
                .withCauseInstanceOf(LockLostException.class);
        time.advance(NameWatch.LINGER);
        assertThat(store.openWatches()).isZero();
    }

    @Test
    void everyHoldOfASessionIsLostOnceAndBeforeAnotherSessionExists() {
        for (int i = 0; i < 100; i++) {
            acquire("seat-" + i);
        }
        CompletableFuture<Optional<LockHandle>> next = lock("seat-7").tryAcquireAsync(WAIT);
        next.thenAccept(handle -> heard.add("granted again"));
        store.failWith(Call.KEEP_ALIVE, failure(StoreException.Kind.LEASE_NOT_FOUND));
        time.advance(Duration.ofMillis(2_100));
        store.failWith(Call.KEEP_ALIVE, null);
        time.advance(TTL.plus(TTL));

        List<String> losses =
                heard.stream().filter(event -> event.startsWith("lost")).toList();
        assertThat(losses).hasSize(100).doesNotHaveDuplicates();
        assertThat(next.join()).isPresent();
        assertThat(heard.indexOf("granted again"))
                .isGreaterThan(heard.lastIndexOf(losses.get(99)))
                .isGreaterThan(heard.lastIndexOf("expired"));
    }

    @Test
    void anEntryNobodyKnowsIsRemovedByTheAudit() {
        LockHandle handle = acquire("seat");
        String lease = registry.status().sessions().get(0).lease();
        inspector
                .txn(Txn.of(new Op.Put("locks/ghost/" + lease, "", Long.parseUnsignedLong(lease, 16))), SECOND)
                .join();

        time.advance(TTL.dividedBy(6).multipliedBy(3));

        assertThat(entries("ghost")).isEmpty();
        assertThat(handle.isHeld()).isTrue();
        assertThat(acquire("ghost").isHeld()).isTrue();
    }

    @Test
    void aKeyDeletedByOthersIsLostWithinAnAuditPeriod() {
        LockHandle handle = acquire("seat");
        LockHandle neighbour = acquire("neighbour");
        inspector
                .txn(Txn.of(new Op.Delete(KeyRange.prefix("locks/seat/"))), SECOND)
                .join();

        time.advance(TTL.dividedBy(6).plus(Duration.ofMillis(10)));

        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
        assertThat(neighbour.isHeld()).isTrue();
        assertThat(acquire("seat").isHeld()).isTrue();
    }

    /** Found by simulation: the two waited for each other as long as the session lived. */
    @Test
    void anEntryNobodyKnowsIsRemovedWhileARequestOfAnotherSessionWaitsBehindIt() {
        acquire("neighbour");
        String lease = registry.status().sessions().get(0).lease();
        inspector
                .txn(Txn.of(new Op.Put("locks/ghost/" + lease, "", Long.parseUnsignedLong(lease, 16))), SECOND)
                .join();

        CompletableFuture<Optional<LockHandle>> request =
                registry.lock("ghost", options().withRenew(false)).tryAcquireAsync(WAIT);
        time.advance(TTL.dividedBy(6).multipliedBy(3));

        assertThat(request.join().orElseThrow().isHeld()).isTrue();
    }

    /** Found by simulation: the next audit came with the next renewal, and could be lost too. */
    @Test
    void anAuditWithoutAnswerIsAskedAgainBeforeTheNextRenewal() {
        LockHandle handle = acquire("seat");
        inspector
                .txn(Txn.of(new Op.Delete(KeyRange.prefix("locks/seat/"))), SECOND)
                .join();
        SessionTiming timing = new SessionTiming(TTL);
        store.fate(Call.LEASE_KEYS, Fate.LOSE_ANSWER);
        time.advance(timing.renewEvery().plusMillis(10));
        store.fate(Call.LEASE_KEYS, Fate.PASS);

        time.advance(timing.attemptTimeout().plus(timing.hedgeAfter()));

        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
    }

    @Test
    void aSecondLookAtAMissingKeyIsRepeatedUntilItIsAnswered() {
        LockHandle handle = acquire("seat");
        inspector
                .txn(Txn.of(new Op.Delete(KeyRange.prefix("locks/seat/"))), SECOND)
                .join();
        SessionTiming timing = new SessionTiming(TTL);
        store.failWith(Call.TXN, failure(StoreException.Kind.UNAVAILABLE));
        time.advance(timing.renewEvery().plusMillis(10));
        store.failWith(Call.TXN, null);

        time.advance(timing.hedgeAfter().plusMillis(10));

        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
    }

    /** Each renewal started another chain of repetitions, which never ended. */
    @Test
    void auditsThatFailAtOnceAreRepeatedAtAnEvenPace() {
        acquire("seat");
        store.failWith(Call.LEASE_KEYS, failure(StoreException.Kind.UNAVAILABLE));
        Duration outage = Duration.ofMinutes(10);
        time.advance(outage);

        long paces = outage.dividedBy(new SessionTiming(TTL).hedgeAfter());
        long renewals = outage.dividedBy(new SessionTiming(TTL).renewEvery());
        assertThat(store.count(Call.LEASE_KEYS)).isBetween((int) paces / 2, (int) (paces + renewals));
        assertThat(registry.status().held()).isEqualTo(1);
    }

    /** Each audit started another chain of second looks, which never ended. */
    @ParameterizedTest
    @EnumSource(names = {"UNAVAILABLE", "PERMISSION_DENIED"})
    void secondLooksThatFailAtOnceAreRepeatedAtAnEvenPace(StoreException.Kind kind) {
        LockHandle handle = acquire("seat");
        inspector
                .txn(Txn.of(new Op.Delete(KeyRange.prefix("locks/seat/"))), SECOND)
                .join();
        store.failWith(Call.TXN, failure(kind));
        int before = store.count(Call.TXN);
        Duration outage = Duration.ofMinutes(10);
        time.advance(outage);

        long paces = outage.dividedBy(new SessionTiming(TTL).hedgeAfter());
        assertThat(store.count(Call.TXN) - before).isBetween((int) paces / 2, (int) paces + 1);
        store.failWith(Call.TXN, null);
        time.advance(SECOND);
        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
    }

    @Test
    void theAuditOfAHoldThatIsNotRenewedRefreshesExpiredCredentials() {
        LockHandle handle = registry.lock("seat", options().withRenew(false))
                .tryAcquireAsync(WAIT)
                .join()
                .orElseThrow();
        inspector
                .txn(Txn.of(new Op.Delete(KeyRange.prefix("locks/seat/"))), SECOND)
                .join();
        store.failUntilRefreshed(Call.LEASE_KEYS, failure(StoreException.Kind.UNAUTHENTICATED));

        time.advance(new SessionTiming(TTL).renewEvery().multipliedBy(2));

        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
    }

    /** Nobody else refreshes them in a process that locks no more: its lease was asked for, and refused, for ever. */
    @Test
    void theLeaseOfALostSessionIsRevokedAlthoughTheCredentialsExpiredMeanwhile() {
        acquire("seat");
        store.fateOfAll(Fate.LOSE_REQUEST);
        time.advance(TTL.minusMillis(500));
        assertThat(registry.status().sessions()).isEmpty();
        server.changeLeader(Duration.ofSeconds(1));
        store.fateOfAll(Fate.PASS);
        store.failUntilRefreshed(Call.REVOKE, failure(StoreException.Kind.UNAUTHENTICATED));

        time.advance(Duration.ofSeconds(6));

        assertThat(entries("seat")).isEmpty();
        int revokes = store.count(Call.REVOKE);
        time.advance(TTL.multipliedBy(10));
        assertThat(store.count(Call.REVOKE)).isEqualTo(revokes);
    }

    /** What is kept and what is asked must not grow with the time for which nobody answers, or nobody answers usefully. */
    @ParameterizedTest
    @EnumSource(names = {"TIMEOUT", "UNAVAILABLE", "EXHAUSTED", "PERMISSION_DENIED", "UNAUTHENTICATED"})
    void anOutageCostsNoMoreInItsThirdQuarterOfAnHourThanInItsFirst(StoreException.Kind kind) {
        for (int i = 0; i < 10; i++) {
            acquire("shared-" + i);
            registry.lock("own-" + i, options().withRenew(false)).tryAcquire().orElseThrow();
        }
        acquire("seat", other);
        lock("seat").tryAcquireAsync(Duration.ofDays(7));
        for (Call call : Call.values()) {
            if (kind == StoreException.Kind.TIMEOUT) {
                store.fate(call, Fate.LOSE_REQUEST);
            } else {
                store.failWith(call, failure(kind));
            }
        }
        lock("wanted").tryAcquireAsync(Duration.ofDays(7));
        time.advance(PERIOD);
        int first = calls();
        Footprint footprint = footprintBetweenGrants();
        time.advance(PERIOD);
        int before = calls();
        time.advance(PERIOD);
        int third = calls() - before;

        assertThat(footprintBetweenGrants()).isEqualTo(footprint);
        assertThat(third).isLessThanOrEqualTo(first);
        // A sixth of the TTL, shortened by up to half, for each lost lease; and two who wait for a lease.
        long revokes = PERIOD.multipliedBy(2).dividedBy(new SessionTiming(TTL).revokeEvery()) * 11;
        long grants = 2 * PERIOD.multipliedBy(2).toSeconds();
        assertThat(third).isLessThan((int) (revokes + grants));
    }

    /** Whether a lease is being asked for at a given moment is chance. */
    private Footprint footprintBetweenGrants() {
        LockEngine engine = (LockEngine) registry;
        for (int i = 0; i < 100 && engine.footprint().sharedSessions() > 0; i++) {
            time.advance(Duration.ofMillis(100));
        }
        return engine.footprint();
    }

    private int calls() {
        return List.of(Call.values()).stream().mapToInt(store::count).sum();
    }

    @Test
    void theRevokeForAUserWhoStaysRefusedIsGivenUp() {
        acquire("seat");
        store.failWith(Call.REVOKE, failure(StoreException.Kind.UNAUTHENTICATED));
        store.failWith(Call.KEEP_ALIVE, failure(StoreException.Kind.LEASE_NOT_FOUND));

        time.advance(Duration.ofMinutes(5));

        assertThat(store.refreshes()).isBetween(1, 20);
        assertThat(((LockEngine) registry).footprint().unrevoked()).isZero();
    }

    /** An old leader whose disk stalls answers audits from what it remembers, and does not know younger leases. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAuditThatDoesNotKnowTheLeaseCostsNothing(boolean renew) {
        LockHandle handle = registry.lock("seat", options().withRenew(renew))
                .tryAcquireAsync(WAIT)
                .join()
                .orElseThrow();
        store.failWith(Call.LEASE_KEYS, failure(StoreException.Kind.LEASE_NOT_FOUND));

        time.advance(TTL.dividedBy(2));

        assertThat(store.count(Call.LEASE_KEYS)).isPositive();
        assertThat(handle.isHeld()).isTrue();
        assertThat(heard).doesNotContain("lost seat", "expired");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLeaseRevokedByOthersIsLostWithinAnAuditPeriod(boolean renew) {
        LockHandle handle = registry.lock("seat", options().withRenew(renew))
                .tryAcquireAsync(WAIT)
                .join()
                .orElseThrow();
        String lease = registry.status().sessions().get(0).lease();
        inspector.revoke(Long.parseUnsignedLong(lease, 16), SECOND).join();

        time.advance(new SessionTiming(TTL).renewEvery().plusMillis(1));

        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.loss()).isPresent();
        assertThat(heard).containsOnlyOnce("lost seat");
    }

    @Test
    void anotherClusterLosesEverything() {
        LockHandle handle = acquire("seat");
        ClusterWatch watch = new ClusterWatch(() -> heard.add("cluster changed"));
        watch.answeredBy(1);
        watch.answeredAt(0, 100, true);
        watch.answeredBy(1);
        assertThat(heard).doesNotContain("cluster changed");

        watch.answeredBy(2);
        assertThat(heard).containsOnlyOnce("cluster changed");
        watch.answeredAt(watch.mark(), 50, true);
        long mark = watch.mark();
        watch.answeredAt(mark, 49, false);
        assertThat(heard).containsOnlyOnce("cluster changed");
        watch.answeredAt(mark, 49, true);
        assertThat(heard.stream().filter("cluster changed"::equals)).hasSize(2);
        handle.release();
    }

    @Test
    void aRequestWithoutStoreWaitsForItUntilItsTimeIsUp() {
        store.fateOfAll(Fate.LOSE_REQUEST);
        CompletableFuture<Optional<LockHandle>> patient = lock("seat").tryAcquireAsync(Duration.ofSeconds(30));
        CompletableFuture<Optional<LockHandle>> hasty = lock("other").tryAcquireAsync(Duration.ofSeconds(3));
        time.advance(Duration.ofSeconds(10));
        assertThat(hasty).isCompletedExceptionally();

        store.fateOfAll(Fate.PASS);
        time.advance(Duration.ofSeconds(4));

        assertThat(patient).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void aRefusalThatWillStayIsToldAtOnce() {
        store.failWith(Call.GRANT, failure(StoreException.Kind.PERMISSION_DENIED));
        assertThat(lock("seat").tryAcquireAsync(WAIT)).isCompletedExceptionally();
        store.failWith(Call.GRANT, failure(StoreException.Kind.UNAUTHENTICATED));
        assertThat(lock("seat").tryAcquireAsync(WAIT)).isCompletedExceptionally();
        assertThat(store.refreshes()).isEqualTo(1);
    }

    @Test
    void credentialsThatCouldNotBeRefreshedAreNotRefusedForGood() {
        store.failWith(Call.GRANT, failure(StoreException.Kind.UNAUTHENTICATED));
        store.failRefreshesWith(failure(StoreException.Kind.UNAVAILABLE));
        CompletableFuture<Optional<LockHandle>> request = lock("seat").tryAcquireAsync(Duration.ofSeconds(10));
        time.advance(Duration.ofSeconds(2));
        assertThat(request).isNotDone();
        assertThat(store.refreshes()).isBetween(2, 10);

        store.failRefreshesWith(null);
        store.failWith(Call.GRANT, null);
        time.advance(Duration.ofSeconds(2));

        assertThat(request).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void aGrantThatAnotherCallSentBeforeTheRefreshIsNotTheLastWord() {
        store.failWith(Call.GRANT, failure(StoreException.Kind.UNAUTHENTICATED));
        store.delayAnswers(Duration.ofMillis(100));
        CompletableFuture<Optional<LockHandle>> one = lock("seat").tryAcquireAsync(Duration.ofSeconds(10));
        CompletableFuture<Optional<LockHandle>> other = lock("bed").tryAcquireAsync(Duration.ofSeconds(10));
        time.advance(Duration.ofMillis(210));
        // Both were refused with the first grant, and one of them sent the second.
        assertThat(List.of(one, other)).filteredOn(CompletableFuture::isDone).hasSize(1);
        CompletableFuture<Optional<LockHandle>> guest = one.isDone() ? other : one;

        store.failWith(Call.GRANT, null);
        time.advance(Duration.ofSeconds(2));

        assertThat(guest).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void aStoreWithoutSpaceIsTriedForAsLongAsTheCallerWaits() {
        warmUp();
        store.failWith(Call.TXN, failure(StoreException.Kind.EXHAUSTED));
        CompletableFuture<Optional<LockHandle>> request = lock("seat").tryAcquireAsync(Duration.ofSeconds(10));
        time.advance(Duration.ofSeconds(4));
        assertThat(store.count(Call.TXN)).isLessThan(20);
        store.failWith(Call.TXN, null);

        time.advance(Duration.ofSeconds(2));

        assertThat(request).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void manyLocksShareOneLease() {
        for (int i = 0; i < 1_000; i++) {
            acquire("seat-" + i);
        }
        int renewals = store.count(Call.KEEP_ALIVE);

        time.advance(TTL);

        assertThat(store.count(Call.GRANT)).isEqualTo(1);
        assertThat(store.count(Call.KEEP_ALIVE) - renewals).isEqualTo(6);
        assertThat(registry.status().held()).isEqualTo(1_000);
    }

    @Test
    void oneUncontendedCycleIsTwoTransactions() {
        warmUp();
        int before = store.count(Call.TXN);

        acquire("seat").release();

        assertThat(store.count(Call.TXN) - before).isEqualTo(2);
    }

    @Test
    void closeIsBoundedWhenNobodyAnswers() {
        LockHandle handle = acquire("seat");
        CompletableFuture<Optional<LockHandle>> pending = lock("seat").tryAcquireAsync(WAIT);
        store.fateOfAll(Fate.LOSE_REQUEST);
        CompletableFuture<Optional<LockHandle>> inDoubt = lock("other").tryAcquireAsync(WAIT);

        registry.close();

        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.CLOSED);
        assertThat(pending).isCompletedExceptionally();
        assertThat(inDoubt).isCompletedExceptionally();
    }

    private LockRegistry engine(LockStore onStore) {
        RandomGenerator random = new SplittableRandom(42);
        EngineOptions options = EngineOptions.defaults()
                .withLockDefaults(options())
                .withListeners(List.of(new Recorder()))
                .withCloseTimeout(Duration.ofMillis(50))
                .withCallbackExecutor(Runnable::run);
        return new LockEngine(onStore, time, options, random, () -> {});
    }

    private static LockOptions options() {
        return LockOptions.defaults().withTtl(TTL);
    }

    private LeaseLock lock(String name) {
        return registry.lock(name);
    }

    private LockHandle acquire(String name) {
        return acquire(name, registry);
    }

    private LockHandle acquire(String name, LockRegistry from) {
        CompletableFuture<Optional<LockHandle>> request = from.lock(name).tryAcquireAsync(WAIT);
        for (int i = 0; i < 100 && !request.isDone(); i++) {
            time.advance(Duration.ofMillis(100));
        }
        return request.join().orElseThrow();
    }

    /** Has the session granted, so that what follows meets a store that already knows us. */
    private void warmUp() {
        acquire("warm-up").release();
    }

    private List<KeyValue> entries(String name) {
        return read("locks/" + name + "/");
    }

    private List<String> keys() {
        return read("locks/").stream().map(KeyValue::key).toList();
    }

    private List<KeyValue> read(String prefix) {
        return inspector
                .txn(Txn.of(new Op.Get(KeyRange.prefix(prefix), Op.Order.OLDEST_FIRST, 0, 0, false)), SECOND)
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
            heard.add("lost " + handle.name());
        }

        @Override
        public void sessionChanged(RegistryStatus.Session session) {
            if (session.state() == State.EXPIRED
                    || session.state() == State.SUSPECT
                    || session.state() == State.ACTIVE) {
                heard.add(session.state().name().toLowerCase(Locale.ROOT));
            }
        }
    }
}
