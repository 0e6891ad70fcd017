package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.LeaderElection.Candidacy;
import dev.holdfast.lock.LeaderElection.Leader;
import dev.holdfast.lock.LeaderElection.Observation;
import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LeadershipListener;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockUnavailableException;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Elections on a clock, a network and an executor of the test's choice: everything happens on this thread. */
class EngineElectionTests {

    private static final Duration TTL = Duration.ofSeconds(12);
    private static final Duration MARGIN = new SessionTiming(TTL).margin();
    private static final Duration POLL = new SessionTiming(TTL).pollEvery();
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MOMENT = Duration.ofMillis(1);

    private final ManualTime time = new ManualTime();
    private final MemoryServer server = new MemoryServer(time);
    private final LockStore inspector = server.connect();
    private final ControllableStore store = new ControllableStore(server.connect(), time);
    private final HeldExecutor callbacks = new HeldExecutor();
    private final LockEngine registry = engine(store, callbacks);
    private final LockEngine other = engine(server.connect(), Runnable::run);
    private final LeaderElection election = registry.election("chair");
    private final List<String> heard = new ArrayList<>();

    // ---- loss ----

    @Test
    void aLossIsToldAtTheLocalDeadlineAndLongBeforeTheNextIsElected() {
        Candidacy candidacy = election.stand("one", recorder("a"));
        other.election("chair").stand("two", recorder("b"));
        Duration left = candidacy.leadership().orElseThrow().remaining();
        store.fateOfAll(Fate.LOSE_REQUEST);

        time.advance(left.minus(MOMENT));
        assertThat(candidacy.isLeader()).isTrue();
        time.advance(MOMENT);
        assertThat(heard).containsExactly("a elected", "a revoked expired");
        assertThat(candidacy.isLeader()).isFalse();
        time.advance(MARGIN.minus(MOMENT));
        assertThat(heard).hasSize(2);

        time.advance(TTL);
        assertThat(heard).containsExactly("a elected", "a revoked expired", "b elected");
    }

    /** Its other threads may still be in the middle of something: the margin is theirs too. */
    @Test
    void aListenerThatIsQuickDoesNotShortenTheMarginAfterALoss() {
        Candidacy candidacy = election.stand("one", recorder("a"));
        long term = entries().get(0).createRevision();
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_REQUEST);
        time.advance(candidacy.leadership().orElseThrow().remaining());
        assertThat(heard).containsExactly("a elected", "a revoked expired");

        time.advance(MARGIN.minus(MOMENT.multipliedBy(2)));
        assertThat(entries().get(0).createRevision()).isEqualTo(term);

        store.fate(Call.KEEP_ALIVE, Fate.PASS);
        time.advance(SECOND);
        assertThat(heard).containsExactly("a elected", "a revoked expired", "a elected");
        assertThat(entries())
                .singleElement()
                .satisfies(key -> assertThat(key.createRevision()).isGreaterThan(term));
    }

    @Test
    void revokedFollowsAnElectedThatWasRunningWhenTheLossCame() {
        CompletableFuture<Candidacy> candidacy = new CompletableFuture<>();
        callbacks.hold();
        candidacy.complete(election.stand("one", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                store.fateOfAll(Fate.LOSE_REQUEST);
                time.advance(TTL);
                heard.add("elected, leads " + candidacy.join().isLeader() + ", held " + leadership.isHeld());
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add("revoked " + leadership.loss().orElseThrow().reason().tag());
            }
        }));
        assertThat(candidacy.join().isLeader()).isTrue();

        callbacks.runAll();

        assertThat(heard).containsExactly("elected, leads false, held false", "revoked expired");
    }

    @Test
    void aTermThatEndedBeforeItsTurnIsToldToNobody() {
        callbacks.hold();
        Candidacy candidacy = election.stand("one", recorder("a"));
        assertThat(candidacy.isLeader()).isTrue();
        store.failWith(Call.KEEP_ALIVE, failure(StoreException.Kind.LEASE_NOT_FOUND));
        time.advance(Duration.ofMillis(2_100));
        assertThat(candidacy.isLeader()).isFalse();
        store.failWith(Call.KEEP_ALIVE, null);

        callbacks.runAll();

        assertThat(heard).containsExactly("a elected");
        assertThat(candidacy.isLeader()).isTrue();
    }

    @Test
    void aClockJumpSuspendsLeadershipButRevokesNothing() {
        Candidacy candidacy = election.stand("one", recorder("a"));
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_REQUEST);

        time.stepWallClock(Duration.ofHours(1));
        assertThat(candidacy.isLeader()).isFalse();
        assertThat(candidacy.leadership()).isEmpty();
        store.fate(Call.KEEP_ALIVE, Fate.PASS);
        time.advance(SECOND);

        assertThat(candidacy.isLeader()).isTrue();
        assertThat(heard).containsExactly("a elected");
    }

    @Test
    void aLostPlaceInTheQueueIsTakenAnew() {
        Leadership first = lead(other.election("chair"), "first");
        election.stand("one", recorder("a"));
        long before = entries().get(1).createRevision();
        delete(entries().get(1).key());

        time.advance(Duration.ofSeconds(6));

        assertThat(entries()).hasSize(2);
        assertThat(entries().get(1).createRevision()).isGreaterThan(before);
        first.release();
        time.advance(SECOND);
        assertThat(heard).containsExactly("a elected");
    }

    // ---- outages ----

    @Test
    void anOutageWhileStandingIsWaitedOut() {
        store.fateOfAll(Fate.LOSE_REQUEST);
        Candidacy candidacy = election.stand("one", recorder("a"));
        time.advance(Duration.ofMinutes(3));
        assertThat(candidacy.isLeader()).isFalse();

        store.fateOfAll(Fate.PASS);
        time.advance(Duration.ofSeconds(10));

        assertThat(candidacy.isLeader()).isTrue();
        assertThat(heard).containsExactly("a elected");
        assertThat(entries()).hasSize(1);
    }

    @Test
    void anOutageWhileWaitingIsWaitedOut() {
        Leadership first = lead(other.election("chair"), "first");
        Candidacy candidacy = election.stand("one", recorder("a"));
        store.fateOfAll(Fate.LOSE_ANSWER);
        time.advance(TTL.multipliedBy(4));
        assertThat(candidacy.isLeader()).isFalse();

        store.fateOfAll(Fate.PASS);
        time.advance(TTL.multipliedBy(2));
        assertThat(entries()).hasSize(2);
        first.release();
        time.advance(SECOND);

        assertThat(candidacy.isLeader()).isTrue();
        assertThat(heard).containsExactly("a elected");
    }

    @ParameterizedTest
    @EnumSource(
            value = StoreException.Kind.class,
            names = {"PERMISSION_DENIED", "INVALID", "UNAUTHENTICATED", "EXHAUSTED"})
    void aRefusalIsWaitedOutWithoutAStorm(StoreException.Kind kind) {
        store.failWith(Call.TXN, failure(kind));
        Candidacy candidacy = election.stand("one", recorder("a"));
        time.advance(Duration.ofMinutes(1));
        // At least once in a second or so, where the engine itself tries again; twice for each new attempt of ours.
        assertThat(store.count(Call.TXN)).isBetween(10, 100);

        store.failWith(Call.TXN, null);
        time.advance(Duration.ofSeconds(10));

        assertThat(candidacy.isLeader()).isTrue();
        assertThat(heard).containsExactly("a elected");
    }

    // ---- resign and close ----

    @Test
    void theKeyStaysUntilRevokedHasReturned() {
        CompletableFuture<Candidacy> candidacy = new CompletableFuture<>();
        callbacks.hold();
        candidacy.complete(election.stand("one", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                heard.add("elected");
                if (heard.size() == 1) {
                    candidacy.join().resign();
                    time.advance(SECOND);
                    heard.add("resigned, leads " + candidacy.join().isLeader() + ", keys "
                            + entries().size());
                }
            }

            @Override
            public void revoked(Leadership leadership) {
                time.advance(TTL.multipliedBy(3));
                heard.add("revoked, keys " + entries().size());
            }
        }));
        other.election("chair").stand("two", recorder("b"));

        callbacks.runAll();
        time.advance(SECOND);
        callbacks.runAll();

        assertThat(heard).containsExactly("elected", "resigned, leads false, keys 2", "revoked, keys 2", "b elected");
        assertThat(entries()).extracting(KeyValue::value).containsExactly("two", "one");
    }

    @Test
    void aCandidateThatIsClosedWhileItWaitsIsGoneAtOnce() {
        lead(other.election("chair"), "first");
        Candidacy candidacy = election.stand("one", recorder("a"));
        assertThat(entries()).hasSize(2);

        candidacy.close();

        assertThat(entries()).hasSize(1);
        assertThat(registry.footprint().candidacies()).isZero();
        assertThat(registry.footprint().queues()).isZero();
        assertThat(registry.footprint().waiting()).isZero();
        time.advance(TTL);
        assertThat(heard).isEmpty();
    }

    @Test
    void aCandidateThatIsClosedBeforeItsAnswerComesIsNeverElected() {
        warmUp();
        store.delayAnswers(Duration.ofMillis(400));
        Candidacy candidacy = election.stand("one", recorder("a"));
        assertThat(entries()).hasSize(1);

        candidacy.close();
        time.advance(Duration.ofSeconds(3));

        assertThat(entries()).isEmpty();
        assertThat(heard).isEmpty();
        assertThat(registry.footprint().candidacies()).isZero();
    }

    @Test
    void aCandidateThatIsClosedInDoubtLeavesNothingInTheEnd() {
        warmUp();
        store.fate(Call.TXN, Fate.PARK);
        Candidacy candidacy = election.stand("one", recorder("a"));

        candidacy.close();
        assertThat(registry.footprint().candidacies()).isEqualTo(1);
        time.advance(Duration.ofSeconds(3));
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        store.deliverParked();
        time.advance(SECOND);

        assertThat(entries()).isEmpty();
        assertThat(heard).isEmpty();
        assertThat(registry.footprint().candidacies()).isZero();
    }

    @Test
    void aCandidateThatIsClosedInAPauseIsGoneAtOnce() {
        store.failWith(Call.TXN, failure(StoreException.Kind.PERMISSION_DENIED));
        Candidacy candidacy = election.stand("one", recorder("a"));
        time.advance(Duration.ofSeconds(20));

        candidacy.close();

        assertThat(registry.footprint().candidacies()).isZero();
        store.failWith(Call.TXN, null);
        time.advance(Duration.ofSeconds(20));
        assertThat(entries()).isEmpty();
        assertThat(heard).isEmpty();
    }

    @Test
    void aLeaderThatIsClosedDuringAnOutageIsToldAndGoneInTheEnd() {
        Candidacy candidacy = election.stand("one", recorder("a"));
        store.fate(Call.TXN, Fate.LOSE_REQUEST);

        candidacy.close();
        assertThat(heard).containsExactly("a elected", "a revoked resigned");
        assertThat(entries()).hasSize(1);
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));

        assertThat(entries()).isEmpty();
        assertThat(registry.footprint().candidacies()).isZero();
    }

    @Test
    void closingTheRegistryInACallbackTellsTheListenerToo() {
        callbacks.hold();
        election.stand("one", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                registry.close();
                heard.add("closed, held " + leadership.isHeld());
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add("revoked " + leadership.loss().orElseThrow().reason().tag());
            }
        });

        callbacks.runAll();

        assertThat(heard).containsExactly("closed, held false", "revoked closed");
        assertThat(entries()).isEmpty();
    }

    @Test
    void nothingIsLeft() {
        warmUp();
        Footprint before = registry.footprint();
        Candidacy one = election.stand("one", recorder("a"));
        Candidacy two = election.stand("two", recorder("b"));
        Observation observation = election.observe(leader -> {});
        time.advance(TTL);
        one.resign();
        time.advance(SECOND);
        assertThat(registry.footprint().candidacies()).isEqualTo(2);
        assertThat(registry.footprint().observations()).isEqualTo(1);
        assertThat(store.openWatches()).isEqualTo(1);

        one.close();
        two.close();
        observation.close();
        time.advance(SECOND);

        assertThat(registry.footprint()).isEqualTo(before);
        assertThat(store.openWatches()).isZero();
        int reads = store.count(Call.TXN);
        time.advance(Duration.ofMinutes(1));
        assertThat(store.count(Call.TXN)).isEqualTo(reads);
    }

    @Test
    void aClosedRegistryLeavesNothing() {
        election.stand("one", recorder("a"));
        election.stand("two", recorder("b"));
        election.observe(leader -> {});
        time.advance(SECOND);

        registry.close();

        assertThat(heard).containsExactly("a elected", "a revoked closed");
        assertThat(registry.footprint()).isEqualTo(new Footprint(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        assertThat(store.openWatches()).isZero();
        assertThat(server.leases()).isZero();
    }

    // ---- proclaim ----

    @Test
    void aLateCopyOfAProclamationChangesNothingThatWasSaidAfterIt() {
        Leadership leadership = lead(election, "zero");
        store.fate(Call.TXN, Fate.PARK);
        assertThatExceptionOfType(LockUnavailableException.class)
                .isThrownBy(() -> leadership.proclaim("one"))
                .withMessageContaining("chair");
        assertThat(leadership.value()).isEqualTo("zero");
        store.fate(Call.TXN, Fate.PASS);
        passOver();
        leadership.proclaim("two");

        store.deliverParked();

        assertThat(leader()).contains("two");
        assertThat(leadership.value()).isEqualTo("two");
        assertThat(leadership.isHeld()).isTrue();
    }

    @Test
    void aProclamationWithoutAnAnswerIsNoHindrance() {
        Leadership leadership = lead(election, "zero");
        store.fate(Call.TXN, Fate.LOSE_ANSWER);
        assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> leadership.proclaim("one"));
        assertThat(leader()).contains("one");
        store.fate(Call.TXN, Fate.PASS);
        passOver();

        leadership.proclaim("two");

        assertThat(leader()).contains("two");
        time.advance(TTL);
        assertThat(leadership.isHeld()).isTrue();
    }

    @Test
    void aProclamationOfAnEarlierTermDoesNotReachTheNext() {
        Leadership first = lead(election, "zero");
        store.fate(Call.TXN, Fate.PARK);
        assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> first.proclaim("late"));
        store.fate(Call.TXN, Fate.PASS);
        passOver();
        first.release();
        Leadership second = lead(election, "second");

        store.deliverParked();

        assertThat(leader()).contains("second");
        time.advance(TTL);
        assertThat(second.isHeld()).isTrue();
    }

    /** Until nobody waits any more for the request that has no answer. */
    private void passOver() {
        time.advance(Duration.ofMillis(100));
    }

    @Test
    void aKeyWrittenOverIsNotProclaimedOver() {
        Leadership leadership = lead(election, "zero");
        inspector.txn(Txn.of(new Op.Put(entries().get(0).key(), "stolen", 0)), SECOND);

        assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> leadership.proclaim("one"));

        assertThat(leadership.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
        assertThat(entries()).isEmpty();
    }

    @Test
    void expiredCredentialsAreRefreshedForQuestionsAndProclamations() {
        Leadership leadership = lead(election, "zero");
        store.failUntilRefreshed(Call.TXN, failure(StoreException.Kind.UNAUTHENTICATED));
        leadership.proclaim("one");
        store.failUntilRefreshed(Call.TXN, failure(StoreException.Kind.UNAUTHENTICATED));

        assertThat(election.leader().join().orElseThrow().value()).isEqualTo("one");
        assertThat(store.refreshes()).isEqualTo(2);
    }

    @Test
    void aQuestionThatIsNotAnsweredSaysSo() {
        store.fateOfAll(Fate.LOSE_REQUEST);
        CompletableFuture<Optional<Leader>> answer = election.leader();
        time.advance(SECOND);

        assertThat(answer)
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(LockUnavailableException.class)
                .withMessageContaining("chair");
    }

    // ---- observe ----

    @Test
    void anObservationOutlivesABrokenWatch() {
        List<String> seen = observe();
        Leadership leadership = lead(other.election("chair"), "one");
        time.advance(MOMENT);
        assertThat(seen).containsExactly("nobody", "one");

        store.breakWatches();
        leadership.release();
        lead(other.election("chair"), "two");
        assertThat(store.openWatches()).isZero();
        time.advance(SECOND);

        assertThat(seen).containsExactly("nobody", "one", "two");
        assertThat(store.openWatches()).isEqualTo(1);
    }

    @Test
    void watchesThatBreakAtOnceAreOpenedWithGrowingPauses() {
        observe();
        int breaks = 0;
        for (int i = 0; i < 600; i++) {
            if (store.openWatches() > 0) {
                store.breakWatches();
                breaks++;
            }
            time.advance(Duration.ofMillis(100));
        }
        assertThat(breaks).isBetween(30, 140);
    }

    @Test
    void aSilentWatchIsMadeUpForByTheNextTick() {
        List<String> seen = observe();
        store.silenceWatches(true);
        lead(other.election("chair"), "one");
        time.advance(POLL.multipliedBy(6).dividedBy(5));

        assertThat(seen).containsExactly("nobody", "one");
    }

    @Test
    void anObservationWaitsAnOutageOut() {
        List<String> seen = observe();
        store.fateOfAll(Fate.LOSE_REQUEST);
        store.breakWatches();
        store.silenceWatches(true);
        lead(other.election("chair"), "one");
        time.advance(Duration.ofMinutes(5));
        assertThat(seen).containsExactly("nobody");

        store.fateOfAll(Fate.PASS);
        time.advance(POLL.multipliedBy(2));

        assertThat(seen).containsExactly("nobody", "one");
    }

    @Test
    void anObservationBegunInAnOutageTellsTheFirstStateAfterIt() {
        lead(other.election("chair"), "one");
        store.fateOfAll(Fate.LOSE_REQUEST);
        store.silenceWatches(true);
        List<String> seen = observe();
        time.advance(Duration.ofMinutes(1));
        assertThat(seen).isEmpty();

        store.fateOfAll(Fate.PASS);
        time.advance(POLL.multipliedBy(2));

        assertThat(seen).containsExactly("one");
    }

    @Test
    void candidatesBehindTheLeaderCostTheObserverNothing() {
        lead(other.election("chair"), "one");
        observe();
        int before = store.count(Call.TXN);

        for (int i = 0; i < 20; i++) {
            put("locks/chair/" + Integer.toHexString(0xa00 + i), "later");
            time.advance(MOMENT);
        }
        for (int i = 0; i < 20; i++) {
            delete("locks/chair/" + Integer.toHexString(0xa00 + i));
            time.advance(MOMENT);
        }

        assertThat(store.count(Call.TXN)).isEqualTo(before);
    }

    /** The read may have been answered before the change that was told while it was under way. */
    @Test
    void aChangeDuringAReadIsNotOverlooked() {
        List<String> seen = observe();
        store.delayAnswers(Duration.ofMillis(500));
        Leadership leadership = lead(other.election("chair"), "one");
        time.advance(Duration.ofMillis(100));
        leadership.release();
        time.advance(Duration.ofMillis(100));
        lead(other.election("chair"), "two");

        time.advance(Duration.ofMillis(1_200));

        assertThat(seen).startsWith("nobody").endsWith("two");
    }

    @Test
    void keysThatDoNotCompeteAreSeenThrough() {
        put("locks/chair/config", "x");
        List<String> seen = observe();
        lead(other.election("chair"), "one");
        time.advance(MOMENT);

        assertThat(seen).containsExactly("nobody", "one");
    }

    @Test
    void anObserverThatIsHeldUpHearsOnlyTheNewest() {
        callbacks.hold();
        List<String> seen = observe();
        Leadership leadership = lead(other.election("chair"), "one");
        time.advance(MOMENT);
        leadership.proclaim("two");
        time.advance(MOMENT);

        callbacks.runAll();

        assertThat(seen).containsExactly("two");
        leadership.proclaim("three");
        time.advance(MOMENT);
        leadership.proclaim("two");
        time.advance(MOMENT);
        callbacks.runAll();
        assertThat(seen).as("nothing has changed since it was told").containsExactly("two");
    }

    private List<String> observe() {
        List<String> seen = new ArrayList<>();
        election.observe(leader -> seen.add(leader.map(Leader::value).orElse("nobody")));
        time.advance(MOMENT);
        return seen;
    }

    private LeadershipListener recorder(String who) {
        return new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                heard.add(who + " elected");
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add(who + " revoked "
                        + leadership.loss().map(loss -> loss.reason().tag()).orElse("resigned"));
            }
        };
    }

    private LockEngine engine(LockStore onStore, Executor executor) {
        EngineOptions options = EngineOptions.defaults()
                .withLockDefaults(LockOptions.defaults().withTtl(TTL))
                .withRequestTimeout(Duration.ofMillis(500))
                .withCloseTimeout(Duration.ofMillis(50))
                .withCallbackExecutor(executor);
        return new LockEngine(onStore, time, options, new SplittableRandom(42), () -> {});
    }

    /** For where nobody else leads. */
    private static Leadership lead(LeaderElection where, String value) {
        try {
            return where.campaign(value);
        } catch (InterruptedException interrupt) {
            throw new AssertionError(interrupt);
        }
    }

    private void warmUp() {
        registry.lock("warm-up").tryAcquire().ifPresent(LockHandle::release);
    }

    private Optional<String> leader() {
        return other.election("chair").leader().join().map(Leader::value);
    }

    private List<KeyValue> entries() {
        return inspector
                .txn(Txn.of(new Op.Get(KeyRange.prefix("locks/chair/"), Op.Order.OLDEST_FIRST, 0, 0, false)), SECOND)
                .join()
                .keys(0)
                .keys();
    }

    private void put(String key, String value) {
        inspector.txn(Txn.of(new Op.Put(key, value, 0)), SECOND).join();
    }

    private void delete(String key) {
        inspector.txn(Txn.of(new Op.Delete(KeyRange.single(key))), SECOND).join();
    }

    private static StoreException failure(StoreException.Kind kind) {
        return new StoreException(kind, "by the test's will", null);
    }

    /** Runs callbacks at once, or when the test says so. */
    private static final class HeldExecutor implements Executor {

        private final Queue<Runnable> due = new ArrayDeque<>();
        private boolean holding;

        void hold() {
            holding = true;
        }

        /** Also what comes meanwhile. */
        void runAll() {
            for (Runnable task = due.poll(); task != null; task = due.poll()) {
                task.run();
            }
        }

        @Override
        public void execute(Runnable task) {
            if (holding) {
                due.add(task);
            } else {
                task.run();
            }
        }
    }
}
