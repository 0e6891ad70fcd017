package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The locks on an etcd that is frozen, killed, restarted and interfered with. Each test has a server of its own. */
class EtcdLockFaultTests {

    private static final Duration TTL = Duration.ofSeconds(5);

    private EtcdServer etcd;
    private LockRegistry registry;

    @BeforeEach
    void start() {
        etcd = EtcdServer.start();
        registry = registry();
        // What follows measures times: the first request of a JVM loads classes.
        registry.lock("warm-up").tryAcquire().orElseThrow().release();
    }

    @AfterEach
    void stop() {
        registry.close();
        etcd.close();
    }

    @Test
    void aTryOnAFrozenServerEndsInTimeAndLeavesNothing() throws Exception {
        List<Duration> took = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String name = "seat-" + i;
            etcd.freeze();
            long before = System.nanoTime();

            assertThatExceptionOfType(LockUnavailableException.class)
                    .isThrownBy(() -> registry.lock(name).tryAcquire(Duration.ofSeconds(1)))
                    .withMessageContaining(name);

            took.add(Duration.ofNanos(System.nanoTime() - before));
            etcd.thaw();
            await().during(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> keys(name).isEmpty());
            assertThat(registry.lock(name).tryAcquire(Duration.ofSeconds(3))).hasValueSatisfying(LockHandle::release);
        }
        // A machine that stalls delays one; what waited for an answer, all of them.
        assertThat(took).allSatisfy(each -> assertThat(each).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3)));
        assertThat(Collections.min(took)).isLessThan(Duration.ofMillis(1_250));
    }

    @Test
    void aReleaseOnAFrozenServerEndsInTimeAndIsDoneLater() throws Exception {
        LockHandle handle = registry.lock("seat").acquire();
        etcd.freeze();
        long before = System.nanoTime();

        handle.release();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(4));
        assertThat(handle.isHeld()).isFalse();
        etcd.thaw();
        await().atMost(Duration.ofSeconds(3)).until(() -> keys("seat").isEmpty());
    }

    @Test
    void aShortFreezeCostsNothing() {
        LockHandle handle = registry.lock("seat").tryAcquire().orElseThrow();
        etcd.freeze();
        await().during(Duration.ofMillis(1_500)).atMost(Duration.ofSeconds(5)).until(handle::isHeld);
        etcd.thaw();

        await().during(TTL).atMost(TTL.plusSeconds(5)).until(handle::isHeld);
        handle.release();
    }

    @Test
    void aLongFreezeIsToldBeforeTheServerCanGiveTheLockAway() throws Exception {
        LockHandle handle = registry.lock("seat").acquire();
        long before = System.nanoTime();
        etcd.freeze();

        LockLoss loss = handle.lost().toCompletableFuture().get(TTL.toSeconds() + 1, TimeUnit.SECONDS);

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(TTL);
        assertThat(loss.reason()).isEqualTo(LockLoss.Reason.EXPIRED);
        etcd.thaw();
        // As the first lock after an outage: within five seconds, and the old lease does not stand in the way for
        // longer than it lives.
        assertThat(registry.lock("other").tryAcquire(Duration.ofSeconds(5))).isPresent();
        assertThat(registry.lock("seat").tryAcquire(TTL.plusSeconds(3))).isPresent();
    }

    @Test
    void aRestartOfTheServerCostsNothing() {
        LockHandle handle = registry.lock("seat").tryAcquire().orElseThrow();
        CompletableFuture<Optional<LockHandle>> waiter;
        try (LockRegistry other = registry()) {
            waiter = other.lock("seat").tryAcquireAsync(Duration.ofSeconds(20));
            await().until(() -> keys("seat").size() == 2);

            etcd.restart();

            await().during(TTL).atMost(TTL.plusSeconds(5)).until(handle::isHeld);
            handle.release();
            assertThat(waiter).succeedsWithin(Duration.ofSeconds(5)).matches(Optional::isPresent);
        }
    }

    @Test
    void theFirstLockAfterALongOutageWorksWithinFiveSeconds() throws Exception {
        etcd.kill();
        // Long enough that gRPC alone would wait for many seconds before it connects again.
        await().during(Duration.ofSeconds(12)).atMost(Duration.ofSeconds(20)).until(() -> {
            try {
                return registry.lock("seat").tryAcquire().isEmpty();
            } catch (LockUnavailableException expected) {
                return true;
            }
        });
        etcd.restart();

        assertThat(registry.lock("seat").tryAcquire(Duration.ofSeconds(5))).isPresent();
    }

    @Test
    void closeIsBoundedOnAFrozenServer() throws Exception {
        LockHandle handle = registry.lock("seat").acquire();
        CompletableFuture<Optional<LockHandle>> local = registry.lock("seat").tryAcquireAsync(Duration.ofMinutes(1));
        etcd.freeze();
        CompletableFuture<Optional<LockHandle>> pending = registry.lock("other").tryAcquireAsync(Duration.ofMinutes(1));
        long before = System.nanoTime();

        registry.close();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(9));
        assertThat(handle.isHeld()).isFalse();
        assertThat(local).isCompletedExceptionally();
        assertThat(pending).isCompletedExceptionally();
        etcd.thaw();
        await().atMost(TTL.plusSeconds(3)).until(() -> keys("").isEmpty());
    }

    @Test
    void aClosedRegistryLeavesNoThread() {
        LockRegistry another = registry();
        LockHandle handle = another.lock("seat").tryAcquire().orElseThrow();
        CompletableFuture<Optional<LockHandle>> waiter = another.lock("seat").tryAcquireAsync(Duration.ofMinutes(1));
        registry.close();
        another.close();

        assertThat(handle.isHeld()).isFalse();
        assertThat(waiter).isCompletedExceptionally();
        // Idle callback threads end after ten seconds.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("holdfast-")
                                || thread.getName().startsWith("jetcd-")));
    }

    @Test
    void anUncontendedCycleIsTwoCommits() throws Exception {
        double before = etcd.metric("etcd_server_proposals_committed_total");

        registry.lock("seat").acquire().release();

        assertThat(etcd.metric("etcd_server_proposals_committed_total") - before)
                .isEqualTo(2);
    }

    @Test
    void etcdctlAndWeBlockEachOther() throws Exception {
        LockHandle ours = registry.lock("seat").acquire();
        Process theirs = etcdctlLock("locks/seat");
        await().until(() -> keys("seat").size() == 2);
        await().during(Duration.ofMillis(300)).until(theirs::isAlive);
        ours.release();
        await().atMost(Duration.ofSeconds(3)).until(() -> keys("seat").size() == 1);

        assertThat(registry.lock("seat").tryAcquire()).isEmpty();
        CompletableFuture<Optional<LockHandle>> waiter = registry.lock("seat").tryAcquireAsync(Duration.ofSeconds(10));
        await().until(() -> keys("seat").size() == 2);
        theirs.destroy();

        assertThat(waiter).succeedsWithin(Duration.ofSeconds(5)).matches(Optional::isPresent);
    }

    @Test
    void aKeyDeletedWithEtcdctlIsLostWithinTheAuditPeriod() throws Exception {
        LockHandle handle = registry.lock("seat").acquire();

        etcd.etcdctl("del", "--prefix", "locks/seat/");

        LockLoss loss = handle.lost().toCompletableFuture().get(TTL.toSeconds(), TimeUnit.SECONDS);
        assertThat(loss.reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
    }

    @Test
    void tenThousandHoldsAreOneLease() throws Exception {
        for (int batch = 0; batch < 100; batch++) {
            List<CompletableFuture<Optional<LockHandle>>> requests = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                requests.add(registry.lock("seat-" + (100 * batch + i)).tryAcquireAsync(Duration.ofSeconds(60)));
            }
            for (CompletableFuture<Optional<LockHandle>> request : requests) {
                assertThat(request.get(60, TimeUnit.SECONDS)).isPresent();
            }
        }
        assertThat(registry.status().held()).isEqualTo(10_000);
        assertThat(registry.status().sessions()).hasSize(1);

        await().during(TTL)
                .atMost(TTL.plusSeconds(2))
                .until(() -> registry.status().held() == 10_000);

        registry.close();
        assertThat(keys("seat-4711")).isEmpty();
    }

    private LockRegistry registry() {
        return EtcdLockRegistry.builder()
                .endpoints(etcd.endpoint())
                .defaults(LockOptions.defaults().withTtl(TTL))
                .build();
    }

    /** The keys below the name; of an empty name, all that is not a guard. */
    private List<String> keys(String name) {
        String prefix = name.isEmpty() ? "locks/" : "locks/" + name + "/";
        return etcd.etcdctl("get", "--prefix", "--keys-only", prefix)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    private Process etcdctlLock(String name) throws Exception {
        return etcd.etcdctlProcess("lock", name)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
