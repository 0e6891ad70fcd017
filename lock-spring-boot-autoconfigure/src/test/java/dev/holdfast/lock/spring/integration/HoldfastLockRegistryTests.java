package dev.holdfast.lock.spring.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.integration.leader.Context;
import org.springframework.integration.leader.DefaultCandidate;
import org.springframework.integration.leader.event.LeaderEventPublisher;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.integration.support.locks.DistributedLock;

/** What Spring Integration expects of its locks, on any store. */
@Timeout(60)
abstract class HoldfastLockRegistryTests {

    private static final Duration TTL = Duration.ofSeconds(5);
    private static final Duration LONG = Duration.ofSeconds(20);

    /** Still long enough for an answer of the store, without which nobody can say that the lock is busy. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    /** A registry as another process has it, and what keeps it from its store from then on. */
    record Process(LockRegistry locks, Runnable cutOff) {}

    private final List<Process> processes = new ArrayList<>();
    private final List<LockRegistryLeaderInitiator> initiators = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private LockRegistry locks;
    private HoldfastLockRegistry a;
    private HoldfastLockRegistry b;

    /** Another process on the same store; all with one key prefix that no other test uses. */
    abstract Process connect(LockOptions defaults);

    /** The registries are closed. */
    void disconnect() {}

    @BeforeEach
    void connect() {
        locks = process().locks();
        a = new HoldfastLockRegistry(locks);
        b = new HoldfastLockRegistry(process().locks());
    }

    @AfterEach
    void close() {
        initiators.forEach(LockRegistryLeaderInitiator::stop);
        threads.shutdownNow();
        processes.forEach(process -> process.locks().close());
        disconnect();
    }

    @Test
    void onlyOneThreadOfAllProcessesHoldsALock() throws Exception {
        a.obtain("seat").lock();

        assertThat(elsewhere(() -> a.obtain("seat").tryLock())).isFalse();
        assertThat(b.obtain("seat").tryLock()).isFalse();
        assertThat(b.obtain("other").tryLock()).isTrue();

        a.obtain("seat").unlock();
        assertThat(b.obtain("seat").tryLock()).isTrue();
    }

    @Test
    void aThreadEntersAgainAndLeavesAsOften() throws Exception {
        DistributedLock lock = a.obtain("seat");
        lock.lock();
        lock.lock(Duration.ofSeconds(60));
        a.obtain("seat").lockInterruptibly();
        assertThat(lock.tryLock()).isTrue();
        assertThat(lock.tryLock(Duration.ZERO, TTL)).isTrue();

        for (int depth = 5; depth > 1; depth--) {
            lock.unlock();
            assertThat(b.obtain("seat").tryLock()).isFalse();
        }
        lock.unlock();
        assertThat(b.obtain("seat").tryLock()).isTrue();
    }

    @Test
    void onlyTheOwnerUnlocks() {
        assertThatExceptionOfType(IllegalMonitorStateException.class)
                .isThrownBy(() -> a.obtain("seat").unlock())
                .withMessageContaining("seat");
        a.obtain("seat").lock();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> elsewhere(() -> {
                    a.obtain("seat").unlock();
                    return "unlocked";
                }))
                .withCauseInstanceOf(IllegalMonitorStateException.class);
        assertThat(b.obtain("seat").tryLock()).isFalse();
    }

    @Test
    void theLastUnlockTellsOfALoss() {
        DistributedLock lock = a.obtain("seat");
        lock.lock();
        lock.lock();
        locks.close();

        assertThatExceptionOfType(CannotAcquireLockException.class)
                .isThrownBy(lock::lock)
                .withCauseInstanceOf(LockLostException.class);
        lock.unlock();
        assertThatExceptionOfType(ConcurrentModificationException.class)
                .isThrownBy(lock::unlock)
                .withMessageContaining("seat")
                .withCauseInstanceOf(LockLostException.class);
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock);
    }

    @Test
    void lockWaitsThroughAnInterruptAndRestoresTheFlag() throws Exception {
        a.obtain("seat").lock();
        FutureTask<Boolean> waiting = new FutureTask<>(() -> {
            b.obtain("seat").lock();
            return Thread.currentThread().isInterrupted();
        });
        Thread thread = new Thread(waiting);
        thread.start();
        awaitWaiting(thread);
        thread.interrupt();
        await().during(Duration.ofMillis(300)).until(() -> !waiting.isDone());

        a.obtain("seat").unlock();
        assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(a.obtain("seat").tryLock()).isFalse();
    }

    @Test
    void anInterruptedWaitEndsAndLeavesNothing() throws Exception {
        a.obtain("seat").lock();
        assertEndedByInterrupt(() -> b.obtain("seat").lockInterruptibly());
        assertEndedByInterrupt(() -> b.obtain("seat").tryLock(1, TimeUnit.HOURS));
        assertEndedByInterrupt(() -> b.obtain("seat").tryLock(LONG, TTL));

        a.obtain("seat").unlock();
        assertThat(a.obtain("seat").tryLock()).isTrue();
    }

    @Test
    void anInterruptedThreadDoesNotEvenEnterAgain() throws Exception {
        DistributedLock lock = a.obtain("seat");
        lock.lock();
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(lock::lockInterruptibly);
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> lock.tryLock(1, TimeUnit.SECONDS));
        lock.unlock();
        assertThat(b.obtain("seat").tryLock()).isTrue();
    }

    @Test
    void aTimedTryGivesUp() throws Exception {
        a.obtain("seat").lock();
        assertThat(b.obtain("seat").tryLock(SHORT.toMillis(), TimeUnit.MILLISECONDS))
                .isFalse();
        assertThat(b.obtain("seat").tryLock(SHORT, TTL)).isFalse();
        assertThat(b.obtain("seat").tryLock(-1, TimeUnit.SECONDS)).isFalse();
        a.obtain("seat").unlock();
        assertThat(b.obtain("seat").tryLock(LONG, TTL)).isTrue();
    }

    @Test
    void theCallersTimeToLiveIsThatOfTheLease() throws Exception {
        a.obtain("short").lock(Duration.ofMillis(1));
        a.obtain("odd").lock(Duration.ofMillis(6_001));
        assertThat(a.obtain("long").tryLock(LONG, Duration.ofDays(1))).isTrue();

        assertThat(locks.status().sessions())
                .extracting(session -> session.ttl().toSeconds())
                .containsExactlyInAnyOrder(5L, 7L, 300L);
    }

    @Test
    void aTimeToLiveOfNothingIsRefused() {
        DistributedLock lock = a.obtain("seat");
        assertThatIllegalArgumentException().isThrownBy(() -> lock.lock(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> lock.tryLock(LONG, Duration.ofSeconds(-1)));
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock);
    }

    @Test
    void renewingConfirmsTheHoldOfThisThread() {
        assertThatIllegalStateException().isThrownBy(() -> a.renewLock("seat")).withMessageContaining("seat");
        a.obtain("seat").lock();
        a.renewLock("seat");
        a.renewLock("seat", TTL);
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> elsewhere(() -> {
                    a.renewLock("seat");
                    return "renewed";
                }))
                .withCauseInstanceOf(IllegalStateException.class);

        locks.close();
        assertThatIllegalStateException().isThrownBy(() -> a.renewLock("seat")).withMessageContaining("lost");
        assertThatIllegalStateException().isThrownBy(() -> a.renewLock("seat", TTL));
    }

    @Test
    void whatCannotBeAcquiredIsSpringsException() {
        locks.close();
        assertThatExceptionOfType(CannotAcquireLockException.class)
                .isThrownBy(() -> a.obtain("seat").tryLock())
                .withMessageContaining("seat")
                .withCauseInstanceOf(IllegalStateException.class);
        assertThatExceptionOfType(CannotAcquireLockException.class)
                .isThrownBy(() -> a.obtain("seat").lock());
        assertThatExceptionOfType(CannotAcquireLockException.class)
                .isThrownBy(() -> a.obtain("seat").lockInterruptibly());
        assertThatExceptionOfType(IllegalMonitorStateException.class)
                .isThrownBy(() -> a.obtain("seat").unlock());
    }

    @Test
    void tasksRunUnderTheLock() throws Exception {
        assertThat(a.<Boolean, RuntimeException>executeLocked(
                        "seat", () -> b.obtain("seat").tryLock()))
                .isFalse();
        assertThat(b.obtain("seat").tryLock()).isTrue();
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> a.<Boolean, RuntimeException>executeLocked(
                        "seat", SHORT, () -> b.obtain("seat").tryLock()));
    }

    @Test
    void thereAreNoConditions() {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> a.obtain("seat").newCondition());
    }

    @Test
    void theHoldIsAtHandForItsToken() {
        assertThat(a.current("seat")).isEmpty();
        a.obtain("seat").lock();
        LockHandle first = a.current("seat").orElseThrow();
        assertThat(first.isHeld()).isTrue();
        a.obtain("seat").unlock();
        assertThat(a.current("seat")).isEmpty();

        b.obtain("seat").lock();
        assertThat(b.current("seat").orElseThrow().fencingToken()).isGreaterThan(first.fencingToken());
    }

    @Test
    void theNameIsThePrefixAndTheKey() {
        UUID id = UUID.randomUUID();
        HoldfastLockRegistry prefixed = new HoldfastLockRegistry(locks, "orders:");
        prefixed.obtain("seat").lock();
        prefixed.obtain(new BigInteger("7")).lock();
        prefixed.obtain(id).lock();
        prefixed.obtain(TimeUnit.DAYS).lock();

        for (String name : List.of("orders:seat", "orders:7", "orders:" + id, "orders:DAYS")) {
            assertThat(locks.lock(name).tryAcquire()).as(name).isEmpty();
        }
        assertThat(locks.lock("seat").tryAcquire()).isPresent();
    }

    @Test
    void keysThatWouldNotLockAreRefused() {
        HoldfastLockRegistry prefixed = new HoldfastLockRegistry(locks, "orders:");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prefixed.obtain(" "))
                .withMessageContaining("blank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prefixed.obtain(List.of("seat")))
                .withMessageContaining("give a text");
        assertThatIllegalArgumentException().isThrownBy(() -> prefixed.obtain("x".repeat(5_000)));
    }

    @Test
    void aHoldThatIsNotRenewedIsRefused() {
        LockOptions options = LockOptions.defaults().withRenew(false);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HoldfastLockRegistry(locks, "", options))
                .withMessageContaining("renew");
    }

    @Test
    void leadershipGoesToTheNextCandidate() {
        List<String> events = new CopyOnWriteArrayList<>();
        LockRegistryLeaderInitiator first = candidate("first", a, events);
        awaitEvents(events, "first granted");
        LockRegistryLeaderInitiator second = candidate("second", b, events);

        first.getContext().yield();
        await().atMost(LONG).until(() -> events.contains("second granted") && events.contains("first revoked"));
        assertThat(second.getContext().isLeader()).isTrue();

        events.clear();
        second.stop();
        await().atMost(LONG).until(() -> events.contains("first granted") && events.contains("second revoked"));
        assertThat(first.getContext().isLeader()).isTrue();
    }

    @Test
    void aLeaderCutOffIsRevokedBeforeTheNextIsGranted() {
        // A margin of a second, which is ten heartbeats.
        LockOptions options = LockOptions.defaults().withTtl(Duration.ofSeconds(10));
        Process unlucky = process();
        List<String> events = new CopyOnWriteArrayList<>();
        candidate("first", new HoldfastLockRegistry(unlucky.locks(), "", options), events);
        awaitEvents(events, "first granted");
        candidate("second", new HoldfastLockRegistry(locks, "", options), events);

        unlucky.cutOff().run();
        awaitEvents(events, "first granted", "first revoked", "second granted");
    }

    private Process process() {
        Process process = connect(LockOptions.defaults().withTtl(TTL));
        processes.add(process);
        return process;
    }

    private LockRegistryLeaderInitiator candidate(String id, HoldfastLockRegistry registry, List<String> events) {
        LockRegistryLeaderInitiator initiator =
                new LockRegistryLeaderInitiator(registry, new DefaultCandidate(id, "reports"));
        initiator.setHeartBeatMillis(100);
        initiator.setLeaderEventPublisher(new LeaderEventPublisher() {
            @Override
            public void publishOnGranted(Object source, Context context, String role) {
                events.add(id + " granted");
            }

            @Override
            public void publishOnRevoked(Object source, Context context, String role) {
                events.add(id + " revoked");
            }

            @Override
            public void publishOnFailedToAcquire(Object source, Context context, String role) {
                events.add(id + " failed");
            }
        });
        initiators.add(initiator);
        initiator.start();
        return initiator;
    }

    private static void awaitEvents(List<String> events, String... expected) {
        await().atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(events).containsExactly(expected));
    }

    private interface Wait {

        void run() throws InterruptedException;
    }

    private static void assertEndedByInterrupt(Wait wait) throws Exception {
        FutureTask<Boolean> interrupted = new FutureTask<>(() -> {
            try {
                wait.run();
                return false;
            } catch (InterruptedException expected) {
                return true;
            }
        });
        Thread thread = new Thread(interrupted);
        thread.start();
        awaitWaiting(thread);
        thread.interrupt();
        assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaitWaiting(Thread thread) {
        await().until(() ->
                thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
    }

    private <T> T elsewhere(Callable<T> task) throws Exception {
        return threads.submit(task).get(20, TimeUnit.SECONDS);
    }
}
