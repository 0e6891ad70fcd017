package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.test.EtcdCluster;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.Quickest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The locks on three members of which one is frozen or killed while two registries hold, wait and compete: no hold is lost, nobody gets
 * an error, and it goes on within seconds.
 */
class EtcdClusterTests {

    private static final Duration TTL = Duration.ofSeconds(8);
    private static final Duration WAIT = Duration.ofMinutes(5);
    private static final int HOLDS = 5;

    /** The longest time without any acquire: elections on a slow disk, and requests of 2 s each that meet the dead member. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final Queue<String> lost = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private final List<LockRegistry> registries = new ArrayList<>();
    private final List<LockHandle> holds = new ArrayList<>();
    private final List<CompletableFuture<Optional<LockHandle>>> waiters = new ArrayList<>();
    private final List<Thread> workers = new ArrayList<>();
    private final Counter counter = new Counter();
    private EtcdCluster etcd;

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdCluster.start();
        registries.add(registry());
        registries.add(registry());
        for (LockRegistry registry : registries) {
            // What follows measures times: the first request of a JVM loads classes.
            registry.lock("warm-up").acquire().release();
        }
        for (int i = 0; i < HOLDS; i++) {
            holds.add(registries.get(0).lock("seat-" + i).acquire());
            waiters.add(registries.get(1).lock("seat-" + i).tryAcquireAsync(WAIT));
        }
        for (int i = 0; i < 4; i++) {
            LockRegistry registry = registries.get(i % 2);
            Thread worker = new Thread(() -> count(registry), "counting-" + i);
            worker.start();
            workers.add(worker);
        }
        awaitCounted(50);
    }

    @AfterEach
    void stop() {
        counter.stopped = true;
        registries.forEach(LockRegistry::close);
        etcd.close();
    }

    @Test
    void aFrozenFollowerCostsNoLockAndSoonLittleTime() throws Exception {
        EtcdServer follower = etcd.followers().get(0);
        follower.freeze();
        awaitHeldFor(Duration.ofSeconds(5));
        // A waiter whose watch is with the frozen member learns of a release by its poll.
        Duration poll = Duration.ofMillis(4_500);
        Duration pause = Quickest.of(poll, () -> longestPauseWithin(Duration.ofSeconds(5)));
        follower.thaw();

        assertThat(pause).as("a poll, no chain of timeouts").isLessThan(poll);
        assertNothingLost();
    }

    @Test
    void aFrozenLeaderCostsNoLock() throws Exception {
        frozenFor(Duration.ofSeconds(10), etcd.leader());

        assertNothingLost();
    }

    @Test
    void membersKilledInTurnCostNoLock() throws Exception {
        for (EtcdServer member : etcd.members()) {
            member.kill();
            awaitHeldFor(Duration.ofSeconds(3));
            member.restart();
        }

        assertNothingLost();
    }

    @Test
    @Tag("faults")
    void eachMemberFrozenForLongCostsNoLock() throws Exception {
        for (EtcdServer member : etcd.members()) {
            frozenFor(Duration.ofSeconds(30), member);
        }

        assertNothingLost();
    }

    @Test
    @Tag("faults")
    void fiveFrozenLeadersCostNoLock() throws Exception {
        for (int i = 0; i < 5; i++) {
            frozenFor(Duration.ofSeconds(14), etcd.leader());
        }

        assertNothingLost();
    }

    /** Without a quorum no key can be deleted, so who knows of the loss before it is back knows first. */
    @Test
    @Tag("faults")
    void aQuorumLostForLongIsToldBeforeItIsBackAndThenItGoesOn() {
        List<EtcdServer> frozen = List.of(etcd.leader(), etcd.followers().get(0));
        frozen.forEach(EtcdServer::freeze);
        await().atMost(TTL).until(() -> holds.stream().noneMatch(LockHandle::isHeld));
        await().atMost(Duration.ofSeconds(1)).until(() -> lost.size() >= HOLDS);
        await().during(Duration.ofSeconds(6))
                .atMost(Duration.ofSeconds(10))
                .until(() -> holds.stream().noneMatch(LockHandle::isHeld));
        long counted = counter.acquires.get();
        frozen.forEach(EtcdServer::thaw);

        // An election gives the leases of the ended sessions another life.
        await().atMost(TTL.plus(LONGEST_PAUSE)).until(() -> counter.acquires.get() > counted);
        awaitCounted(50);

        for (int i = 0; i < HOLDS; i++) {
            long before = holds.get(i).fencingToken();
            assertThat(registries.get(1).lock("seat-" + i).tryAcquireAsync(TTL.plus(LONGEST_PAUSE)))
                    .succeedsWithin(TTL.plus(LONGEST_PAUSE))
                    .matches(handle -> handle.orElseThrow().fencingToken() > before);
        }
        assertThat(errors).allMatch(LockException.class::isInstance);
        assertThat(counter.value).as("no update is lost").isEqualTo(counter.acquires.get());
    }

    private void frozenFor(Duration duration, EtcdServer member) {
        boolean leader = member == etcd.leader();
        member.freeze();
        awaitHeldFor(duration);
        if (leader && revokesOnThaw()) {
            member.restart();
        } else {
            member.thaw();
        }
        // An old leader that wakes up must not take anything away either.
        awaitHeldFor(Duration.ofSeconds(2));
    }

    /** Older versions: what the leader thought to have ended while it was frozen, it has the others revoke (etcd issue 15247). */
    private boolean revokesOnThaw() {
        String version = registries.get(0).ping(TTL).join().version();
        return VersionCheck.revokesLiveLeases(version);
    }

    private Duration longestPauseWithin(Duration duration) {
        counter.longestPause = 0;
        awaitHeldFor(duration);
        return Duration.ofNanos(Math.max(counter.longestPause, System.nanoTime() - counter.lastAt));
    }

    private void awaitHeldFor(Duration duration) {
        await().during(duration)
                .atMost(duration.plusSeconds(5))
                .until(() -> holds.stream().allMatch(LockHandle::isHeld));
    }

    private void assertNothingLost() throws Exception {
        awaitCounted(50);
        assertThat(lost).isEmpty();
        assertThat(holds).allMatch(LockHandle::isHeld);
        assertThat(waiters).noneMatch(CompletableFuture::isDone);
        for (LockHandle hold : holds) {
            hold.release();
        }
        for (int i = 0; i < HOLDS; i++) {
            assertThat(waiters.get(i)).succeedsWithin(LONGEST_PAUSE);
            LockHandle successor = waiters.get(i).join().orElseThrow();
            assertThat(successor.fencingToken()).isGreaterThan(holds.get(i).fencingToken());
        }
        counter.stopped = true;
        for (Thread worker : workers) {
            worker.join(WAIT.toMillis());
        }
        assertThat(errors).isEmpty();
        assertThat(lost).isEmpty();
        assertThat(counter.value).as("no update is lost").isEqualTo(counter.acquires.get());
        assertThat(Duration.ofNanos(counter.longestPause)).isLessThan(LONGEST_PAUSE);
    }

    private void awaitCounted(long more) {
        long goal = counter.acquires.get() + more;
        await().atMost(LONGEST_PAUSE.multipliedBy(2)).until(() -> counter.acquires.get() >= goal);
    }

    private void count(LockRegistry registry) {
        while (!counter.stopped) {
            try (LockHandle handle = registry.lock("counter").acquire()) {
                counter.count(handle);
            } catch (InterruptedException | RuntimeException | AssertionError failure) {
                if (!counter.stopped) {
                    errors.add(failure);
                }
            }
        }
    }

    private LockRegistry registry() {
        return EtcdLockRegistry.builder()
                .endpoints(etcd.endpoints())
                .defaults(LockOptions.defaults().withTtl(TTL).withWaitTime(WAIT))
                .listener(new LockListener() {
                    @Override
                    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
                        if (loss.reason() != LockLoss.Reason.CLOSED) {
                            lost.add(loss.toString());
                        }
                    }
                })
                .build();
    }

    /** Right only as long as the lock keeps everybody else out. */
    private static final class Counter {

        private final AtomicLong acquires = new AtomicLong();
        private volatile boolean stopped;
        private volatile long value;
        private volatile long lastToken;
        private volatile long lastAt = System.nanoTime();
        private volatile long longestPause;

        private void count(LockHandle handle) {
            long before = value;
            long token = token(handle);
            assertThat(token).isGreaterThan(lastToken);
            lastToken = token;
            long now = System.nanoTime();
            longestPause = Math.max(longestPause, now - lastAt);
            lastAt = now;
            handle.ensureHeld();
            value = before + 1;
            acquires.incrementAndGet();
        }

        /** Of a hold that was passed on it is drawn from etcd, and an election may take longer than the call waits. */
        private static long token(LockHandle handle) {
            while (true) {
                try {
                    return handle.fencingToken();
                } catch (LockUnavailableException notYet) {
                    handle.ensureHeld();
                }
            }
        }
    }
}
