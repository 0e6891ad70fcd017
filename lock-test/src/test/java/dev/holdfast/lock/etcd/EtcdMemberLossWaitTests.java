package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.test.EtcdCluster;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.Measured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * How long a caller waits for a lock that is free while one of three members is gone: for the deadline of the one attempt that met that
 * member, and of an election if it led.
 */
class EtcdMemberLossWaitTests {

    private static final Duration TTL = Duration.ofSeconds(8);

    /** The deadline of one attempt, {@code requestTimeout}. */
    private static final Duration ATTEMPT = Duration.ofSeconds(2);

    /** The clean-up after the attempt, the pause before the next, that one, and a machine with two cores for all of it. */
    private static final Duration MOMENT = Duration.ofMillis(700);

    /** etcd's election timeout is 1 s, drawn up to twice that; then the proposals of before are repeated. */
    private static final Duration ELECTION = Duration.ofSeconds(2);

    private static final int USERS = 4;

    private final AtomicLong longest = new AtomicLong();
    private final AtomicInteger acquires = new AtomicInteger();
    private final Queue<String> troubles = new ConcurrentLinkedQueue<>();
    private final List<Thread> users = new ArrayList<>();
    private EtcdCluster etcd;
    private LockRegistry registry;
    private volatile boolean stopped;

    @BeforeEach
    void start() {
        etcd = EtcdCluster.start();
        registry = EtcdLockRegistry.builder()
                .endpoints(etcd.endpoints())
                .defaults(LockOptions.defaults().withTtl(TTL).withWaitTime(Duration.ofSeconds(30)))
                .listener(new LockListener() {
                    @Override
                    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
                        troubles.add(loss.toString());
                    }
                })
                .build();
        for (int i = 0; i < USERS; i++) {
            String name = "of-user-" + i;
            Thread user = new Thread(() -> use(name), name);
            user.start();
            users.add(user);
        }
        awaitAcquires();
        longest.set(0);
    }

    @AfterEach
    void stop() {
        stopped = true;
        users.forEach(Thread::interrupt);
        registry.close();
        etcd.close();
    }

    @Test
    void aFrozenFollowerCostsOneAttemptAtMost() throws Exception {
        EtcdServer follower = etcd.followers().get(0);
        follower.freeze();

        goOnFor(Duration.ofSeconds(6));
        follower.thaw();

        waitedAtMost("frozen-follower", ATTEMPT.plus(MOMENT));
    }

    @Test
    @Tag("faults")
    void aKilledFollowerCostsOneAttemptAtMost() throws Exception {
        etcd.followers().get(0).kill();

        goOnFor(Duration.ofSeconds(4));

        waitedAtMost("killed-follower", ATTEMPT.plus(MOMENT));
    }

    @Test
    void aKilledLeaderCostsOneAttemptAndTheElection() throws Exception {
        etcd.leader().kill();

        goOnFor(Duration.ofSeconds(6));

        waitedAtMost("killed-leader", ATTEMPT.plus(ELECTION).plus(MOMENT));
    }

    @Test
    @Tag("faults")
    void aFrozenLeaderCostsOneAttemptAndTheElection() throws Exception {
        etcd.leader().freeze();

        goOnFor(Duration.ofSeconds(6));

        waitedAtMost("frozen-leader", ATTEMPT.plus(ELECTION).plus(MOMENT));
    }

    private void goOnFor(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        await().atMost(duration.plusSeconds(5)).until(() -> System.nanoTime() - end >= 0);
        awaitAcquires();
    }

    private void waitedAtMost(String what, Duration limit) throws InterruptedException {
        stopped = true;
        for (Thread user : users) {
            user.join(Duration.ofSeconds(30).toMillis());
        }
        Duration waited = Duration.ofNanos(longest.get());
        Measured.log("member-loss." + what + ".longest-acquire", waited);
        assertThat(troubles).isEmpty();
        assertThat(waited).isLessThan(limit);
    }

    private void awaitAcquires() {
        int goal = acquires.get() + 10 * USERS;
        await().atMost(Duration.ofSeconds(15)).until(() -> acquires.get() >= goal);
    }

    private void use(String name) {
        while (!stopped) {
            long asked = System.nanoTime();
            try (LockHandle handle = registry.lock(name).acquire()) {
                long took = System.nanoTime() - asked;
                longest.accumulateAndGet(took, Math::max);
                handle.ensureHeld();
                acquires.incrementAndGet();
            } catch (InterruptedException | RuntimeException trouble) {
                if (!stopped) {
                    troubles.add(trouble.toString());
                }
            }
        }
    }
}
