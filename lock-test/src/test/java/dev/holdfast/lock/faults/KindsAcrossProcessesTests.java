package dev.holdfast.lock.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.faults.FaultRun.Verdict;
import dev.holdfast.lock.faults.LockUser.Habit;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.Event.Kind;
import dev.holdfast.lock.history.History;
import dev.holdfast.lock.history.Promise;
import dev.holdfast.lock.history.Terms;
import dev.holdfast.lock.history.Violation;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.TcpLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What only several processes can show of permits, readers and writers, several names at once, and times to hold at least. */
class KindsAcrossProcessesTests {

    private static final Logger log = LoggerFactory.getLogger(KindsAcrossProcessesTests.class);

    /** Of worker-0, which is killed. */
    private static final String VICTIM = "worker-0";

    private static final Crew HOLDERS_THEN_WAITERS = new Crew(
            1,
            List.of(
                    List.of(Habit.KEEPING_PERMIT, Habit.KEEPING_PERMIT, Habit.READING, Habit.MIXED),
                    List.of(Habit.KEEPING_PERMIT, Habit.KEEPING_PERMIT, Habit.WRITING, Habit.MIXED)),
            Rig.NAMES);

    private static final Duration AFTER_KILL = Rig.TTL.plusSeconds(3);
    private static final Duration QUIET = Duration.ofSeconds(2);

    @Test
    void overlappingSetsOfNamesNeitherDeadlockNorOverlap() {
        useOverlappingSets(Duration.ofSeconds(10));
    }

    @Test
    @Tag("faults")
    void overlappingSetsOfNamesNeitherDeadlockNorOverlapForAMinute() {
        useOverlappingSets(Duration.ofSeconds(60));
    }

    /** 16 threads in 4 processes, 20 names, sets of up to 10 of them in any order. */
    private static void useOverlappingSets(Duration duration) {
        Crew crew = new Crew(
                4,
                List.of(List.of(Habit.SETS, Habit.SETS, Habit.SETS, Habit.SETS)),
                IntStream.range(0, 20).mapToObj(i -> "name-" + i).toList());
        Scenario scenario = Scenario.costsNothing(
                        "overlapping sets of names", Setup.members(1).withCrew(crew), rig -> Rig.pause(duration))
                .demanding(KindsAcrossProcessesTests::setsNotHad);

        History history = mustHold(scenario).history();

        Map<String, Integer> hads = setsHad(history);
        log.info(
                "{} sets in {}: {}, longest wait {} ms",
                hads.values().stream().mapToInt(Integer::intValue).sum(),
                duration,
                hads,
                longestWait(history));
        assertThat(hads).hasSize(16).allSatisfy((user, had) -> assertThat(had).isGreaterThan(1));
    }

    /** They wait for much longer than all the others have their sets: only a deadlock could send them away. */
    private static List<Violation> setsNotHad(History history) {
        Map<Long, Event> asked = setRequests(history);
        return history.events().stream()
                .filter(event -> event.kind() == Kind.NOT_GRANTED && asked.containsKey(event.call()))
                .map(event -> new Violation(Promise.LIVENESS, asked.get(event.call()) + " but " + event))
                .toList();
    }

    /** How many sets each user had. */
    private static Map<String, Integer> setsHad(History history) {
        Map<Long, Event> asked = setRequests(history);
        Map<String, Integer> had = new TreeMap<>();
        asked.values().forEach(request -> had.put(user(request), 0));
        for (Event event : history.events()) {
            Event request = asked.get(event.call());
            if (event.kind() == Kind.GRANTED && request != null) {
                had.merge(user(request), 1, Integer::sum);
            }
        }
        return had;
    }

    private static String user(Event request) {
        return request.process() + " " + request.detail();
    }

    private static long longestWait(History history) {
        Map<Long, Event> asked = setRequests(history);
        long longest = 0;
        for (Event event : history.events()) {
            Event request = asked.get(event.call());
            if (event.kind() == Kind.GRANTED && request != null) {
                longest = Math.max(longest, millis(request, event));
            }
        }
        return longest;
    }

    private static Map<Long, Event> setRequests(History history) {
        Map<Long, Event> asked = new HashMap<>();
        for (Event event : history.events()) {
            if (event.kind() == Kind.REQUESTED && event.detail().startsWith("user ")) {
                asked.put(event.call(), event);
            }
        }
        return asked;
    }

    /** Every worker of every scenario has such users, so what they do must be there to be judged. */
    @Test
    void allKindsAreUsedAndSeenInTheStore() {
        Scenario scenario = Scenario.costsNothing(
                "nothing",
                Setup.members(1),
                rig -> await("every kind is granted and seen")
                        .pollInterval(Duration.ofSeconds(1))
                        .atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertAllKindsSeen(rig.history())));

        assertAllKindsSeen(mustHold(scenario).history());
    }

    private static void assertAllKindsSeen(History history) {
        Terms permit = Terms.semaphore(WorkerOptions.PERMITS);
        assertThat(grantedTerms(history))
                .contains(Terms.EXCLUSIVE, Terms.SHARED, permit)
                .anyMatch(terms -> terms.names().size() > 1);
        assertThat(terms(history, Kind.PUT)).contains(Terms.EXCLUSIVE, Terms.SHARED, permit);
        assertThat(history.events()).anyMatch(event -> event.kind() == Kind.DOWNGRADED);
        // Downgrades, and exclusive holds that drew their token.
        assertThat(terms(history, Kind.CHANGED)).contains(Terms.SHARED).isSubsetOf(Terms.SHARED, Terms.EXCLUSIVE);
    }

    /** A grant has the terms of its request. */
    private static List<Terms> grantedTerms(History history) {
        Set<Long> granted = new HashSet<>();
        history.events().stream()
                .filter(event -> event.kind() == Kind.GRANTED)
                .forEach(event -> granted.add(event.call()));
        return history.events().stream()
                .filter(event -> event.kind() == Kind.REQUESTED && granted.contains(event.call()))
                .map(Event::terms)
                .toList();
    }

    private static List<Terms> terms(History history, Kind kind) {
        return history.events().stream()
                .filter(event -> event.kind() == kind)
                .map(Event::terms)
                .toList();
    }

    /** Users who do not look are what the rig must be able to see. */
    @Test
    void theOracleSeesMorePermitsThanThereAreAndAWriterBesideAReader() {
        Setup setup = Setup.members(1).withLinks().withCarelessUsers().withCrew(HOLDERS_THEN_WAITERS);
        Scenario careless = Scenario.mayCostLocks("users ignore losses of permits and read locks", setup, rig -> {
            letOthersWait(rig, 1);
            List<TcpLink> links = rig.links(rig.workers().get(0));
            links.forEach(Way.BOTH::pause);
            Rig.pause(AFTER_KILL);
            links.forEach(TcpLink::resume);
        });
        FaultRun run = new FaultRun(careless, Etcd.ON_PATH, new Random().nextLong(), QUIET);

        List<Violation> violations = run.run().violations();

        assertThat(violations)
                .filteredOn(violation -> violation.promise() == Promise.MUTUAL_EXCLUSION)
                .extracting(Violation::detail)
                .anyMatch(detail -> detail.contains(" " + Rig.SEMAPHORE + " "))
                .anyMatch(detail -> detail.contains(" " + Rig.PAIR + " "));
        run.forget();
    }

    @Test
    void whatAKilledProcessHeldIsGrantedToThoseWhoWait() {
        Scenario scenario = Scenario.costsNothing(
                        "all permits and a read lock die with their process",
                        Setup.members(1).withCrew(HOLDERS_THEN_WAITERS),
                        KindsAcrossProcessesTests::killHolder)
                .demanding(KindsAcrossProcessesTests::notGrantedInTime);

        History history = mustHold(scenario).history();

        log.info(
                "after the kill: permits granted after {} ms, the write lock after {} ms",
                afterKill(history, Rig.SEMAPHORE),
                afterKill(history, Rig.PAIR));
    }

    private static void killHolder(Rig rig) {
        letOthersWait(rig, 2);
        rig.workers().get(0).kill();
        Rig.pause(AFTER_KILL);
    }

    /** Returns when the first worker has all permits and a read lock, and so many others wait for them. */
    private static void letOthersWait(Rig rig, int others) {
        await("permits and read lock are held")
                .atMost(Duration.ofSeconds(10))
                .until(() -> entries(rig, Rig.SEMAPHORE) == WorkerOptions.PERMITS && entries(rig, Rig.PAIR) == 1);
        List<WorkerProcess> waiting =
                IntStream.range(0, others).mapToObj(i -> rig.startWorker()).toList();
        waiting.forEach(WorkerProcess::awaitStarted);
        await("all others wait")
                .atMost(Duration.ofSeconds(10))
                .until(() -> entries(rig, Rig.SEMAPHORE) >= WorkerOptions.PERMITS + others
                        && entries(rig, Rig.PAIR) == 1 + others);
        assertThat(grants(rig.history(), Rig.SEMAPHORE)).hasSize(WorkerOptions.PERMITS);
        assertThat(grants(rig.history(), Rig.PAIR)).hasSize(1);
    }

    private static long entries(Rig rig, String name) {
        return rig.observer().present().stream()
                .filter(entry -> entry.name().equals(name))
                .count();
    }

    private static List<Event> grants(History history, String name) {
        return history.events().stream()
                .filter(event -> event.kind() == Kind.GRANTED && event.name().equals(name))
                .toList();
    }

    private static List<Violation> notGrantedInTime(History history) {
        List<Violation> late = new ArrayList<>();
        Map.of(Rig.SEMAPHORE, WorkerOptions.PERMITS, Rig.PAIR, 1).forEach((name, holders) -> {
            List<Long> after = afterKill(history, name);
            long inTime = after.stream()
                    .filter(millis -> millis <= AFTER_KILL.toMillis())
                    .count();
            if (inTime < holders) {
                late.add(new Violation(Promise.LIVENESS, name + " was granted only " + after + " ms after the kill"));
            }
        });
        return late;
    }

    /** The milliseconds after which as many had the name as had it before. */
    private static List<Long> afterKill(History history, String name) {
        Event kill = history.events().stream()
                .filter(event -> event.kind() == Kind.KILLED && event.process().equals(VICTIM))
                .findFirst()
                .orElseThrow();
        return grants(history, name).stream()
                .filter(event -> event.at() > kill.at())
                .map(event -> millis(kill, event))
                .limit(name.equals(Rig.SEMAPHORE) ? WorkerOptions.PERMITS : 1)
                .toList();
    }

    private static long millis(Event from, Event to) {
        return (to.at() - from.at()) / 1_000_000;
    }

    @Test
    void aNameToBeHeldAtLeastStaysTakenAfterItsProcessHasEnded() throws Exception {
        Duration atLeast = Duration.ofSeconds(8);
        try (EtcdServer etcd = EtcdServer.start();
                LockRegistry registry =
                        EtcdLockRegistry.builder().endpoints(etcd.endpoint()).build()) {
            // Ends well, or this fails.
            String output = Programs.run(
                    Programs.java(BriefHolder.class, etcd.endpoint(), "nightly", Long.toString(atLeast.toSeconds()))
                            .toArray(String[]::new));
            String[] told = output.lines()
                    .filter(line -> line.startsWith(Worker.ANSWER))
                    .findFirst()
                    .orElseThrow()
                    .split(" ");
            long requested = Long.parseLong(told[1]);
            long closed = Long.parseLong(told[2]);

            LockHandle next =
                    registry.lock("nightly").tryAcquire(atLeast.plusSeconds(10)).orElseThrow();

            Duration taken = Duration.ofNanos(System.nanoTime() - requested);
            log.info("closed after {} ms, granted to the next after {}", (closed - requested) / 1_000_000, taken);
            assertThat(Duration.ofNanos(closed - requested)).isLessThan(atLeast);
            assertThat(taken).isGreaterThanOrEqualTo(atLeast);
            assertThat(next.fencingToken()).isGreaterThan(Long.parseLong(told[3]));
        }
    }

    private static Verdict mustHold(Scenario scenario) {
        return FaultRun.mustHold(scenario, Etcd.ON_PATH, QUIET, outcome -> log.info("{}", outcome.toLine()));
    }
}
