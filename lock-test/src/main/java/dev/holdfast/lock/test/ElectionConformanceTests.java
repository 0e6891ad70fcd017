package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.LeaderElection.Candidacy;
import dev.holdfast.lock.LeaderElection.Leader;
import dev.holdfast.lock.LeaderElection.Observation;
import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LeadershipListener;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the elections of every lock registry must do, whatever store is behind it. Each registry stands for a
 * process. Runs in real time.
 */
public abstract class ElectionConformanceTests extends RegistryConformanceTests {

    private static final Duration LONG = Duration.ofSeconds(20);

    /** One renewal period, after which an audit is due, and time for its answers on a busy machine. */
    private static final Duration AUDIT = TTL.dividedBy(6).plus(Duration.ofSeconds(2));

    /** What happened in all registries, in its order. */
    private final List<String> heard = new CopyOnWriteArrayList<>();

    protected ElectionConformanceTests(StoreUnderTest store) {
        super(store);
    }

    // ---- one term ----

    @Test
    void aCandidateWithoutRivalsLeadsAtOnce() throws Exception {
        Leadership leadership = a.election("chair").campaign("node-1");

        assertThat(leadership.isHeld()).isTrue();
        assertThat(leadership.name()).isEqualTo("chair");
        assertThat(leadership.value()).isEqualTo("node-1");
        assertThat(a.status().held()).isEqualTo(1);
        leadership.release();
        assertThat(leadership.isHeld()).isFalse();
        assertThat(entries("chair")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"node-1", "", " {\"a\": 1}\n", "käse \uD83D\uDD12"})
    void theKeyHasTheLayoutOfGoAndSaysTheValueAsItIs(String value) throws Exception {
        Leadership leadership = a.election("chair").campaign(value);

        String lease = a.status().sessions().get(0).lease();
        assertThat(entries("chair")).singleElement().satisfies(key -> {
            assertThat(key.key()).isEqualTo(keyPrefix() + "chair/" + lease);
            assertThat(key.value()).isEqualTo(value);
            assertThat(key.createRevision()).isEqualTo(leadership.fencingToken());
        });
        assertThat(b.election("chair").leader().get(3, TimeUnit.SECONDS))
                .contains(new Leader(value, leadership.fencingToken()));
        leadership.release();
    }

    @Test
    void theOneThatCameNextLeadsNext() throws Exception {
        Leadership first = a.election("chair").campaign("one");
        Future<Optional<Leadership>> second =
                threads.submit(() -> b.election("chair").campaign("two", LONG));
        await().until(() -> entries("chair").size() == 2);
        assertThat(second).isNotDone();

        first.release();

        Leadership leadership = second.get(3, TimeUnit.SECONDS).orElseThrow();
        assertThat(leadership.fencingToken()).isGreaterThan(first.fencingToken());
        assertThat(leader("chair")).contains("two");
        leadership.release();
    }

    @Test
    void aCandidateWhoseWaitEndsLeavesNothing() throws Exception {
        Leadership first = a.election("chair").campaign("one");

        assertThat(b.election("chair").campaign("two", Duration.ofMillis(300))).isEmpty();
        LeaderElection impatient = b.election("chair", b.defaults().withWaitTime(Duration.ofMillis(200)));
        assertThatExceptionOfType(LockNotAcquiredException.class)
                .isThrownBy(() -> impatient.campaign("two"))
                .withMessageContaining("chair");

        await().until(() -> entries("chair").size() == 1);
        assertThat(first.isHeld()).isTrue();
        first.release();
    }

    @Test
    void aCandidateThatDoesNotWaitWritesNothing() throws Exception {
        Leadership first = a.election("chair").campaign("one");
        b.election("warm-up").campaign("two").release();
        long before = revision();

        assertThat(b.election("chair").campaign("two", Duration.ZERO)).isEmpty();

        assertThat(revision()).isEqualTo(before);
        first.release();
        assertThat(b.election("chair").campaign("two", Duration.ZERO)).hasValueSatisfying(Leadership::release);
    }

    @Test
    void anInterruptedCandidateLeavesNothing() throws Exception {
        Leadership first = a.election("chair").campaign("one");
        CompletableFuture<Thread> candidate = new CompletableFuture<>();
        Future<Boolean> interrupted = threads.submit(() -> {
            candidate.complete(Thread.currentThread());
            try {
                b.election("chair").campaign("two", LONG);
                return false;
            } catch (InterruptedException expected) {
                return true;
            }
        });
        await().until(() -> entries("chair").size() == 2);

        candidate.get(1, TimeUnit.SECONDS).interrupt();

        assertThat(interrupted.get(2, TimeUnit.SECONDS)).isTrue();
        await().until(() -> entries("chair").size() == 1);
        first.release();
    }

    @Test
    void anElectionIsAnExclusiveLock() throws Exception {
        Leadership leadership = a.election("chair").campaign("one");
        assertThat(b.lock("chair").tryAcquire()).isEmpty();
        leadership.release();

        LockHandle handle = b.lock("chair").acquire();
        assertThat(a.election("chair").campaign("one", Duration.ZERO)).isEmpty();
        handle.release();
    }

    @Test
    void aLeaseThatIsNotRenewedIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> a.election("chair", a.defaults().withRenew(false)))
                .withMessageContaining("renew")
                .withMessageContaining("chair");
    }

    @Test
    void aValueThatCannotBeStoredIsRefused() {
        LeaderElection election = a.election("chair");
        String tooLong = "x".repeat(65_537);

        assertThatIllegalArgumentException().isThrownBy(() -> election.campaign("half \uD83D"));
        assertThatIllegalArgumentException().isThrownBy(() -> election.campaign(tooLong, Duration.ZERO));
        assertThatIllegalArgumentException()
                .as("others would share the name with it")
                .isThrownBy(() -> election.campaign("{\"kind\":\"shared\",\"permits\":1,\"x\":1}"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> election.stand(tooLong, recorder("a")))
                .withMessageContaining("65537");
        assertThat(keys()).isEmpty();
    }

    // ---- who leads ----

    @Test
    void nobodyLeadsWhereNobodyStands() throws Exception {
        assertThat(leader("chair")).isEmpty();
        a.election("chair").campaign("one").release();
        assertThat(leader("chair")).isEmpty();
    }

    @Test
    void onlyKeysThatCompeteCanLead() throws Exception {
        put(keyPrefix() + "chair/config", "not a candidate");
        put(keyPrefix() + "chair/1f/sub", "nor this");
        assertThat(leader("chair")).isEmpty();

        Leadership leadership = a.election("chair").campaign("one");
        assertThat(leader("chair")).contains("one");

        leadership.release();
        deleteAll(keyPrefix() + "chair/");
    }

    @Test
    void aCandidateOfAnotherProgramLeads() throws Exception {
        put(keyPrefix() + "chair/694d7f", "theirs");

        assertThat(leader("chair")).contains("theirs");
        assertThat(a.election("chair").campaign("one", Duration.ZERO)).isEmpty();
        Future<Optional<Leadership>> ours =
                threads.submit(() -> a.election("chair").campaign("one", LONG));
        await().until(() -> entries("chair").size() == 2);
        assertThat(leader("chair")).contains("theirs");

        deleteAll(keyPrefix() + "chair/694d7f");

        ours.get(3, TimeUnit.SECONDS).orElseThrow().release();
    }

    @Test
    void theAnswerComesOffTheIoThreads() throws Exception {
        String here = Thread.currentThread().getName();
        CompletableFuture<String> thread = a.election("chair")
                .leader()
                .thenApply(leader -> Thread.currentThread().getName());

        // In memory the answer may be there before anything hangs on it.
        assertThat(thread.get(3, TimeUnit.SECONDS))
                .matches(name -> name.startsWith("holdfast-callback") || name.equals(here));
    }

    // ---- proclaim ----

    @Test
    void aProclaimedValueIsSeenAndTheTermGoesOn() throws Exception {
        Leadership leadership = a.election("chair").campaign("starting");

        leadership.proclaim("ready");
        leadership.proclaim("");
        leadership.proclaim("busy");

        assertThat(leadership.value()).isEqualTo("busy");
        assertThat(b.election("chair").leader().get(3, TimeUnit.SECONDS))
                .contains(new Leader("busy", leadership.fencingToken()));
        // An audit looks at the key meanwhile, whose mod revision is another now.
        await().during(AUDIT).atMost(AUDIT.multipliedBy(2)).until(leadership::isHeld);
        leadership.release();
        assertThat(entries("chair")).isEmpty();
    }

    @Test
    void threadsMayProclaimAtTheSameTime() throws Exception {
        Leadership leadership = a.election("chair").campaign("start");
        List<Future<?>> said = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String value = "value-" + i;
            said.add(threads.submit(() -> leadership.proclaim(value)));
        }
        for (Future<?> each : said) {
            each.get(10, TimeUnit.SECONDS);
        }

        assertThat(leader("chair")).contains(leadership.value()).isNotEqualTo(Optional.of("start"));
        leadership.release();
    }

    @Test
    void whoHasResignedProclaimsNothing() throws Exception {
        Leadership leadership = a.election("chair").campaign("one");
        leadership.release();
        Leadership next = b.election("chair").campaign("two");

        assertThatIllegalStateException()
                .isThrownBy(() -> leadership.proclaim("still me"))
                .withMessageContaining("chair");

        assertThat(leader("chair")).contains("two");
        next.release();
    }

    @Test
    void aProclamationNoticesThatTheKeyIsGone() throws Exception {
        Leadership leadership = a.election("chair").campaign("one");
        deleteAll(entries("chair").get(0).key());

        assertThatExceptionOfType(LockLostException.class)
                .isThrownBy(() -> leadership.proclaim("still me"))
                .satisfies(failure -> assertThat(failure.loss().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED));

        assertThat(leadership.isHeld()).isFalse();
        assertThat(leadership.loss()).isPresent();
        assertThat(entries("chair")).isEmpty();
        assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> leadership.proclaim("again"));
        a.election("chair").campaign("one").release();
    }

    @Test
    void aProclamationNoticesThatTheLeaseIsGone() throws Exception {
        Leadership leadership = a.election("chair").campaign("one");
        revokeLease(a);

        assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> leadership.proclaim("still me"));

        assertThat(leadership.isHeld()).isFalse();
        assertThat(entries("chair")).isEmpty();
    }

    // ---- observe ----

    @Test
    void anObserverHearsTheFirstStateAndEveryChange() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        try (Observation observation = b.election("chair").observe(leader -> seen.add(describe(leader)))) {
            await().until(() -> seen.equals(List.of("nobody")));

            Leadership first = a.election("chair").campaign("one");
            await().until(() -> last(seen).equals("one@" + first.fencingToken()));
            first.proclaim("uno");
            await().until(() -> last(seen).equals("uno@" + first.fencingToken()));
            first.release();
            await().until(() -> last(seen).equals("nobody"));
            Leadership second = a.election("chair").campaign("one");
            await().until(() -> last(seen).equals("one@" + second.fencingToken()));

            assertThat(seen)
                    .containsExactly(
                            "nobody",
                            "one@" + first.fencingToken(),
                            "uno@" + first.fencingToken(),
                            "nobody",
                            "one@" + second.fencingToken());
            second.release();
            await().until(() -> seen.size() == 6);
            assertThat(observation).isNotNull();
        }
    }

    @Test
    void anObserverSeesWhoLeadsAlready() throws Exception {
        Leadership leadership = a.election("chair").campaign("one");
        List<String> seen = new CopyOnWriteArrayList<>();

        Observation observation = b.election("chair").observe(leader -> seen.add(describe(leader)));

        await().until(() -> seen.equals(List.of("one@" + leadership.fencingToken())));
        observation.close();
        leadership.release();
    }

    @Test
    void candidatesBehindTheLeaderAreNotTold() throws Exception {
        Leadership leadership = a.election("chair").campaign("one");
        List<String> seen = new CopyOnWriteArrayList<>();
        b.election("chair").observe(leader -> seen.add(describe(leader)));
        await().until(() -> seen.size() == 1);
        Future<Optional<Leadership>> second =
                threads.submit(() -> b.election("chair").campaign("two", LONG));
        await().until(() -> entries("chair").size() == 2);

        leadership.release();

        Leadership next = second.get(3, TimeUnit.SECONDS).orElseThrow();
        await().until(() -> last(seen).equals("two@" + next.fencingToken()));
        assertThat(seen).containsExactly("one@" + leadership.fencingToken(), "two@" + next.fencingToken());
        next.release();
    }

    @Test
    void anObserverThatIsSlowHearsTheNewestAndNoOther() throws Exception {
        Leadership leadership = a.election("chair").campaign("0");
        List<String> seen = new CopyOnWriteArrayList<>();
        CountDownLatch slow = new CountDownLatch(1);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        b.election("chair").observe(leader -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            seen.add(leader.map(Leader::value).orElse("nobody"));
            if (seen.size() == 1) {
                awaitLatch(slow);
            }
            running.decrementAndGet();
            throw new IllegalStateException("an observer that fails");
        });
        await().until(() -> seen.size() == 1);
        List<String> other = new CopyOnWriteArrayList<>();
        b.election("chair").observe(leader -> other.add(leader.orElseThrow().value()));
        for (int i = 1; i <= 5; i++) {
            leadership.proclaim("" + i);
        }
        await().until(() -> !other.isEmpty() && last(other).equals("5"));
        // What one observer of this registry has seen, the other may see a moment later.
        await().pollDelay(Duration.ofMillis(500)).until(() -> seen.size() == 1);

        slow.countDown();

        await().until(() -> last(seen).equals("5"));
        assertThat(seen).containsExactly("0", "5");
        assertThat(most).hasValue(1);
        leadership.release();
    }

    @Test
    void aClosedObservationIsSilent() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        List<String> other = new CopyOnWriteArrayList<>();
        Observation observation = b.election("chair").observe(leader -> seen.add(describe(leader)));
        b.election("chair").observe(leader -> other.add(describe(leader)));
        await().until(() -> seen.size() == 1 && other.size() == 1);

        observation.close();
        observation.close();
        Leadership leadership = a.election("chair").campaign("one");

        await().until(() -> other.size() == 2);
        assertThat(seen).containsExactly("nobody");
        leadership.release();
    }

    @Test
    void anObservationCanBeClosedByItsObserver() throws Exception {
        CompletableFuture<Observation> observation = new CompletableFuture<>();
        List<String> seen = new CopyOnWriteArrayList<>();
        List<String> other = new CopyOnWriteArrayList<>();
        observation.complete(b.election("chair").observe(leader -> {
            seen.add(describe(leader));
            observation.join().close();
        }));
        b.election("chair").observe(leader -> other.add(describe(leader)));
        await().until(() -> seen.size() == 1 && other.size() == 1);

        Leadership leadership = a.election("chair").campaign("one");

        await().until(() -> other.size() == 2);
        assertThat(seen).hasSize(1);
        leadership.release();
    }

    // ---- standing candidates ----

    @Test
    void aStandingCandidateIsElectedAndClosed() throws Exception {
        Candidacy candidacy = a.election("chair").stand("one", recorder("a"));
        await().until(() -> heard.contains("a elected"));
        assertThat(candidacy.isLeader()).isTrue();
        assertThat(candidacy.leadership())
                .hasValueSatisfying(term -> assertThat(term.value()).isEqualTo("one"));
        assertThat(leader("chair")).contains("one");

        candidacy.close();

        assertThat(heard).containsExactly("a elected", "a revoked");
        assertThat(candidacy.isLeader()).isFalse();
        assertThat(candidacy.leadership()).isEmpty();
        assertThat(entries("chair")).isEmpty();
        candidacy.close();
        candidacy.resign();
        assertThat(heard).hasSize(2);
    }

    @Test
    void aCandidateThatWaitsLeavesWhenClosed() throws Exception {
        Leadership first = b.election("chair").campaign("first");
        Candidacy candidacy = a.election("chair").stand("one", recorder("a"));
        await().until(() -> entries("chair").size() == 2);
        candidacy.resign();
        assertThat(entries("chair")).hasSize(2);

        candidacy.close();

        assertThat(entries("chair")).hasSize(1);
        first.release();
        assertThat(heard).isEmpty();
        assertThat(a.status().waiting()).isZero();
    }

    @Test
    void whoResignsStandsAgainBehindTheOthers() throws Exception {
        Candidacy one = a.election("chair").stand("one", recorder("a"));
        await().until(() -> heard.contains("a elected"));
        long firstTerm = one.leadership().orElseThrow().fencingToken();
        Candidacy two = b.election("chair").stand("two", recorder("b"));
        await().until(() -> entries("chair").size() == 2);

        one.resign();

        assertThat(one.isLeader()).isFalse();
        await().until(two::isLeader);
        await().until(() -> entries("chair").size() == 2);
        two.resign();
        await().until(() -> heard.size() == 5);
        assertThat(heard).containsExactly("a elected", "a revoked", "b elected", "b revoked", "a elected");
        assertThat(one.leadership().orElseThrow().fencingToken()).isGreaterThan(firstTerm);
    }

    @Test
    void releasingTheTermIsResigning() throws Exception {
        List<Leadership> terms = new CopyOnWriteArrayList<>();
        Candidacy candidacy = a.election("chair").stand("one", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                terms.add(leadership);
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add("revoked with " + entries("chair").size() + " key, held " + leadership.isHeld());
            }
        });
        await().until(() -> terms.size() == 1);

        terms.get(0).release();
        await().until(() -> terms.size() == 2);
        terms.get(1).releaseAsync().get(3, TimeUnit.SECONDS);
        await().until(() -> terms.size() == 3);
        terms.get(0).release();

        assertThat(heard).containsExactly("revoked with 1 key, held false", "revoked with 1 key, held false");
        assertThat(candidacy.leadership()).contains(terms.get(2));
        assertThat(terms).extracting(Leadership::fencingToken).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void nobodyIsElectedWhileRevokedStillRuns() throws Exception {
        CountDownLatch stopping = new CountDownLatch(1);
        Candidacy one = a.election("chair").stand("one", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                heard.add("a elected");
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add("a stops");
                awaitLatch(stopping);
                heard.add("a has stopped");
            }
        });
        await().until(() -> heard.contains("a elected"));
        Candidacy two = b.election("chair").stand("two", recorder("b"));
        await().until(() -> entries("chair").size() == 2);

        Future<?> resignation = threads.submit(one::resign);

        await().until(() -> heard.contains("a stops"));
        assertThat(one.isLeader()).isFalse();
        await().during(Duration.ofMillis(500)).until(() -> !two.isLeader() && !resignation.isDone());
        assertThat(leader("chair")).contains("one");
        stopping.countDown();
        resignation.get(3, TimeUnit.SECONDS);
        await().until(() -> heard.contains("b elected"));
        assertThat(heard).containsExactly("a elected", "a stops", "a has stopped", "b elected");
    }

    @Test
    void aLossIsToldAndTheCandidateStandsAgain() throws Exception {
        List<Long> terms = new CopyOnWriteArrayList<>();
        Candidacy candidacy = a.election("chair").stand("one", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                terms.add(leadership.fencingToken());
                leadership.proclaim("elected");
                heard.add("elected");
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add("revoked: "
                        + leadership.loss().map(loss -> loss.reason().tag()).orElse("resigned"));
            }
        });
        await().until(() -> heard.size() == 1);

        deleteAll(entries("chair").get(0).key());
        await().atMost(AUDIT.multipliedBy(2)).until(() -> heard.size() == 3);
        revokeLease(a);
        await().atMost(AUDIT.multipliedBy(2)).until(() -> heard.size() == 5);

        assertThat(heard)
                .containsExactly("elected", "revoked: key-deleted", "elected", "revoked: lease-gone", "elected");
        assertThat(terms).isSorted().doesNotHaveDuplicates();
        assertThat(candidacy.isLeader()).isTrue();
    }

    @Test
    void aListenerThatFailsIsCalledOn() {
        Candidacy candidacy = a.election("chair").stand("one", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                heard.add("elected");
                throw new IllegalStateException("a listener that fails");
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add("revoked");
                throw new AssertionError("a listener that fails badly");
            }
        });
        await().until(() -> heard.size() == 1);

        candidacy.resign();

        await().until(() -> heard.size() == 3);
        candidacy.close();
        assertThat(heard).containsExactly("elected", "revoked", "elected", "revoked");
    }

    @Test
    void theListenerIsCalledOnTheCallbackThreads() {
        Candidacy candidacy = a.election("chair").stand("one", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                heard.add(Thread.currentThread().getName());
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add(Thread.currentThread().getName());
            }
        });
        await().until(() -> heard.size() == 1);
        candidacy.close();

        assertThat(heard).hasSize(2).allMatch(name -> name.startsWith("holdfast-callback"));
    }

    @Test
    void aListenerMayResignAndClose() throws Exception {
        CompletableFuture<Candidacy> candidacy = new CompletableFuture<>();
        candidacy.complete(a.election("chair").stand("one", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                heard.add("elected");
                if (heard.size() == 1) {
                    candidacy.join().resign();
                } else {
                    candidacy.join().close();
                }
                heard.add("still elected");
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add("revoked");
                leadership.release();
            }
        }));

        await().until(() -> heard.size() == 6);
        await().until(() -> entries("chair").isEmpty());
        assertThat(heard).containsExactly("elected", "still elected", "revoked", "elected", "still elected", "revoked");
        candidacy.get().close();
    }

    @Test
    void candidatesOfOneRegistryTakeTurns() {
        Candidacy one = a.election("chair").stand("one", recorder("a"));
        await().until(one::isLeader);
        Candidacy two = a.election("chair").stand("two", recorder("b"));
        assertThat(two.isLeader()).isFalse();

        one.resign();

        await().until(two::isLeader);
        two.close();
        await().until(one::isLeader);
        await().until(() -> heard.size() == 5);
        assertThat(heard).containsExactly("a elected", "a revoked", "b elected", "b revoked", "a elected");
    }

    // ---- the end of a registry ----

    @Test
    void closingTheRegistryRevokesBeforeTheNextIsElected() throws Exception {
        CountDownLatch stopping = new CountDownLatch(1);
        Candidacy one = a.election("chair").stand("one", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                heard.add("a elected");
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add("a stops: " + leadership.loss().orElseThrow().reason().tag());
                awaitLatch(stopping);
                heard.add("a has stopped");
            }
        });
        await().until(() -> heard.contains("a elected"));
        Candidacy two = b.election("chair").stand("two", recorder("b"));
        await().until(() -> entries("chair").size() == 2);

        Future<?> closing = threads.submit(a::close);

        await().until(() -> heard.contains("a stops: closed"));
        assertThat(one.isLeader()).isFalse();
        await().during(Duration.ofMillis(300)).until(() -> !two.isLeader());
        stopping.countDown();
        closing.get(5, TimeUnit.SECONDS);
        await().until(() -> heard.contains("b elected"));
        assertThat(heard).containsExactly("a elected", "a stops: closed", "a has stopped", "b elected");
        assertThat(entries("chair")).hasSize(1);
    }

    @Test
    void aListenerThatHangsDoesNotKeepTheRegistryOpen() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        a.election("chair").stand("one", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                heard.add("elected");
                awaitLatch(never);
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add("revoked");
            }
        });
        await().until(() -> heard.size() == 1);

        threads.submit(a::close).get(12, TimeUnit.SECONDS);

        assertThat(entries("chair")).isEmpty();
        never.countDown();
        await().until(() -> heard.equals(List.of("elected", "revoked")));
    }

    @Test
    void aClosedRegistryEndsCandidaciesThatWaitAndObservations() throws Exception {
        Leadership leadership = b.election("chair").campaign("one");
        List<String> seen = new CopyOnWriteArrayList<>();
        Candidacy candidacy = a.election("chair").stand("two", recorder("a"));
        a.election("chair").observe(leader -> seen.add(describe(leader)));
        await().until(() -> entries("chair").size() == 2 && seen.size() == 1);

        a.close();

        assertThat(entries("chair")).hasSize(1);
        candidacy.close();
        leadership.release();
        assertThat(candidacy.isLeader()).isFalse();
        assertThat(heard).isEmpty();
        assertThat(seen).hasSize(1);
        LeaderElection election = a.election("chair");
        assertThatIllegalStateException().isThrownBy(() -> election.campaign("x"));
        assertThatIllegalStateException().isThrownBy(() -> election.stand("x", recorder("a")));
        assertThatIllegalStateException().isThrownBy(election::leader);
        assertThatIllegalStateException().isThrownBy(() -> election.observe(leader -> {}));
    }

    @Test
    void aRegistryThatStopsAcceptingLeadsOnButStandsNoMore() throws Exception {
        Candidacy candidacy = a.election("chair").stand("one", recorder("a"));
        await().until(() -> heard.contains("a elected"));

        a.stopAccepting();

        assertThatIllegalStateException().isThrownBy(() -> a.election("other").stand("x", recorder("a")));
        assertThat(candidacy.isLeader()).isTrue();
        candidacy.resign();
        assertThat(b.election("chair").campaign("two", LONG)).hasValueSatisfying(Leadership::release);
        assertThat(heard).containsExactly("a elected", "a revoked");
        candidacy.close();
    }

    @Test
    void neverTwoLeadersAndTermsGrow() throws Exception {
        int rounds = 20;
        List<LockRegistry> registries = List.of(a, b, registry());
        AtomicInteger leaders = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Long> terms = new CopyOnWriteArrayList<>();
        List<Long> observed = new CopyOnWriteArrayList<>();
        b.election("chair").observe(leader -> leader.ifPresent(present -> observed.add(present.term())));
        List<Candidacy> candidacies = new ArrayList<>();
        for (LockRegistry registry : registries) {
            candidacies.add(registry.election("chair").stand("x", new LeadershipListener() {
                @Override
                public void elected(Leadership leadership) {
                    most.accumulateAndGet(leaders.incrementAndGet(), Math::max);
                    terms.add(leadership.fencingToken());
                    leadership.releaseAsync();
                }

                @Override
                public void revoked(Leadership leadership) {
                    leaders.decrementAndGet();
                }
            }));
        }

        await().atMost(Duration.ofSeconds(60)).until(() -> terms.size() >= 3 * rounds);
        candidacies.forEach(Candidacy::close);

        assertThat(most).hasValue(1);
        assertThat(leaders).hasValue(0);
        assertThat(terms).isSorted().doesNotHaveDuplicates();
        assertThat(observed).isSorted();
        // The listener has not waited for its last release.
        await().untilAsserted(() -> assertThat(entries("chair")).isEmpty());
    }

    private LeadershipListener recorder(String who) {
        return new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {
                heard.add(who + " elected");
            }

            @Override
            public void revoked(Leadership leadership) {
                heard.add(who + " revoked");
            }
        };
    }

    private Optional<String> leader(String name) throws Exception {
        return b.election(name).leader().get(3, TimeUnit.SECONDS).map(Leader::value);
    }

    private static String describe(Optional<Leader> leader) {
        return leader.map(present -> present.value() + "@" + present.term()).orElse("nobody");
    }

    private static String last(List<String> texts) {
        return texts.get(texts.size() - 1);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
    }

    private void deleteAll(String prefix) {
        inspector
                .txn(Txn.of(new Op.Delete(KeyRange.prefix(prefix))), Duration.ofSeconds(3))
                .join();
    }

    private void revokeLease(LockRegistry registry) throws Exception {
        inspector
                .revoke(
                        Long.parseUnsignedLong(
                                registry.status().sessions().get(0).lease(), 16),
                        Duration.ofSeconds(3))
                .get();
    }
}
