package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.GrpcLink;
import dev.holdfast.lock.test.GrpcLink.Loss;
import dev.holdfast.lock.test.GrpcLink.Method;
import dev.holdfast.lock.test.Measured;
import dev.holdfast.lock.test.Quickest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * etcd did what it was asked, and the answer was lost; or a watch was created, and the connection lost at once. The caller is never
 * told a lie, and nothing stays behind.
 */
class EtcdLostAnswerTests {

    private static final Duration TTL = Duration.ofSeconds(5);
    private static final Duration REQUEST_TIMEOUT = Duration.ofMillis(500);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    /** A third of the TTL, and a fifth more by chance: the longest time between two looks of a waiter. */
    private static final Duration POLL = TTL.dividedBy(3).multipliedBy(6).dividedBy(5);

    private EtcdServer etcd;
    private GrpcLink link;
    private LockRegistry registry;
    private LockRegistry other;

    @BeforeEach
    void start() {
        etcd = EtcdServer.start();
        link = GrpcLink.to(etcd.endpoint());
        registry = registry(link.endpoint(), TTL);
        other = registry(etcd.endpoint(), TTL);
        // Each has a lease now, and has loaded its classes.
        registry.lock("warm-up").tryAcquire().orElseThrow().release();
        other.lock("warm-up").tryAcquire().orElseThrow().release();
    }

    @AfterEach
    void stop() {
        link.resume();
        registry.close();
        other.close();
        link.close();
        etcd.close();
    }

    @ParameterizedTest
    @EnumSource
    void aTryWithoutAnswerLeavesACleanName(Loss loss) throws Exception {
        for (int i = 0; i < 3; i++) {
            String name = "seat-" + i;
            CompletableFuture<Void> lost = link.loseNext(Method.TXN, loss);

            boolean told = tryAcquire(name).isPresent();

            assertThat(lost).isCompleted();
            assertThat(told).isFalse();
            await().pollInterval(Duration.ofMillis(20))
                    .during(Duration.ofMillis(200))
                    .atMost(Duration.ofSeconds(3))
                    .until(() -> keys(name).isEmpty());
            assertThat(other.lock(name).tryAcquire()).hasValueSatisfying(LockHandle::release);
            assertHeldByOneOnly(name, registry.lock(name).tryAcquire(Duration.ofSeconds(3)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAcquireWithTimeGetsTheLockAlthoughAnswersAreLost(Loss loss) throws Exception {
        for (int i = 0; i < 3; i++) {
            String name = "seat-" + i;
            // The answer of the acquire, of what makes it harmless, and of the second acquire.
            List<CompletableFuture<Void>> lost = new ArrayList<>();
            for (int j = 0; j <= i; j++) {
                lost.add(link.loseNext(Method.TXN, loss));
            }

            Optional<LockHandle> handle = registry.lock(name).tryAcquire(Duration.ofSeconds(15));

            assertThat(lost).allSatisfy(each -> assertThat(each).isCompleted());
            assertHeldByOneOnly(name, handle);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReleaseWithoutAnswerRemovesNeitherAnothersHoldNorOurNext(Loss loss) throws Exception {
        LockHandle first = registry.lock("seat").acquire();
        CompletableFuture<Void> lost = link.loseNext(Method.TXN, loss);
        CompletableFuture<Void> released = first.releaseAsync();
        await().pollInterval(Duration.ofMillis(2)).until(lost::isDone);

        LockHandle theirs = other.lock("seat").tryAcquire().orElseThrow();

        assertThat(theirs.fencingToken()).isGreaterThan(first.fencingToken());
        assertThat(released).succeedsWithin(Duration.ofSeconds(5));
        CompletableFuture<Optional<LockHandle>> next = registry.lock("seat").tryAcquireAsync(Duration.ofSeconds(10));
        await().during(Duration.ofSeconds(1)).until(theirs::isHeld);
        assertThat(keys("seat")).hasSize(2);
        theirs.release();
        LockHandle ours = next.get(5, TimeUnit.SECONDS).orElseThrow();
        await().during(Duration.ofMillis(1_500)).until(() -> keys("seat").size() == 1 && ours.isHeld());
        ours.release();
        assertThat(keys("seat")).isEmpty();
    }

    @Test
    void anOwnNextHoldSurvivesTheRepeatedRelease() throws Exception {
        for (Loss loss : Loss.values()) {
            LockHandle first = registry.lock("seat").acquire();
            CompletableFuture<Void> lost = link.loseNext(Method.TXN, loss);
            first.releaseAsync();

            LockHandle next =
                    registry.lock("seat").tryAcquire(Duration.ofSeconds(5)).orElseThrow();

            assertThat(lost).isCompleted();
            assertThat(next.fencingToken()).isGreaterThan(first.fencingToken());
            await().during(Duration.ofSeconds(1)).until(() -> keys("seat").size() == 1 && next.isHeld());
            next.release();
        }
    }

    @Test
    void aLeaseWhoseGrantWasNotAnsweredEndsWithItsTtl() throws Exception {
        for (Loss loss : Loss.values()) {
            CompletableFuture<Void> lost = link.loseNext(Method.LEASE_GRANT, loss);
            // Another TTL is another lease.
            LockOptions options = LockOptions.defaults().withTtl(TTL.plusSeconds(loss.ordinal() + 1));

            assertThat(registry.lock("seat-" + loss, options).tryAcquire(Duration.ofSeconds(5)))
                    .isPresent();

            assertThat(lost).isCompleted();
        }
        int orphans = leases() - 4;
        assertThat(orphans).isBetween(1, 2);
        long since = System.nanoTime();
        await().atMost(TTL.plusSeconds(5)).until(() -> leases() == 4);
        Measured.log("lost-grant.orphan-lease-gone", Duration.ofNanos(System.nanoTime() - since));
        assertThat(registry.status().held()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void aRevokeWithoutAnswerIsDoneAndCloseEndsInTime(Loss loss) throws Exception {
        registry.lock("seat").acquire();
        int before = leases();
        CompletableFuture<Void> lost = link.loseNext(Method.LEASE_REVOKE, loss);
        long closing = System.nanoTime();

        registry.close();

        assertThat(Duration.ofNanos(System.nanoTime() - closing)).isLessThan(CLOSE_TIMEOUT.plusSeconds(2));
        assertThat(lost).isCompleted();
        assertThat(leases()).isEqualTo(before - 1);
        assertThat(keys("seat")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aLeaseOfItsOwnIsGoneAlthoughItsRevokeWasNotAnswered(Loss loss) throws Exception {
        int before = leases();
        LockOptions once = LockOptions.defaults().withTtl(TTL).withRenew(false);
        LockHandle handle = registry.lock("once", once).acquire();
        CompletableFuture<Void> lost = link.loseNext(Method.LEASE_REVOKE, loss);

        handle.release();

        await().untilAsserted(() -> assertThat(lost).isCompleted());
        await().untilAsserted(() -> assertThat(leases()).isEqualTo(before));
        assertHeldByOneOnly("once", registry.lock("once", once).tryAcquire(Duration.ofSeconds(3)));
    }

    @Test
    void everySecondRenewalWithoutAnswerCostsNoHold() throws Exception {
        LockHandle handle = registry.lock("seat").acquire();
        List<CompletableFuture<Void>> lost = new ArrayList<>();
        double renewed = etcd.metric("etcd_debugging_lease_renewed_total");
        long end = System.nanoTime() + TTL.plusSeconds(1).toNanos();
        while (System.nanoTime() - end < 0) {
            lost.add(link.loseNext(Method.LEASE_KEEP_ALIVE, lost.size() % 2 == 0 ? Loss.SILENCE : Loss.CUT));
            // Two more renewals: one whose answer is lost, and one that gets through.
            double seen = etcd.metric("etcd_debugging_lease_renewed_total");
            await().pollInterval(Duration.ofMillis(50)).until(() -> {
                assertThat(handle.isHeld()).isTrue();
                return etcd.metric("etcd_debugging_lease_renewed_total") >= seen + 4;
            });
        }
        assertThat(lost.get(lost.size() - 2)).isCompleted();
        assertThat(handle.loss()).isEmpty();
        Measured.log("lost-renewals.lost", lost.size(), "answers");
        Measured.log(
                "lost-renewals.renewals",
                (long) (etcd.metric("etcd_debugging_lease_renewed_total") - renewed),
                "of two leases");
    }

    @Test
    void aReleaseBetweenReadAndWatchIsNotMissed() throws Exception {
        link.delay(Duration.ofMillis(400), Duration.ZERO);
        Duration beforeAnyPoll = TTL.dividedBy(4);
        AtomicInteger round = new AtomicInteger();

        Duration took = Quickest.of(beforeAnyPoll, () -> {
            String name = "seat-" + round.incrementAndGet();
            LockHandle theirs = other.lock(name).acquire();
            CompletableFuture<Optional<LockHandle>> waiter =
                    registry.lock(name).tryAcquireAsync(Duration.ofSeconds(10));
            await().pollInterval(Duration.ofMillis(5)).until(() -> keys(name).size() == 2);
            // The request for the watch is on its way now.
            theirs.release();
            long released = System.nanoTime();
            assertThat(waiter.get(10, TimeUnit.SECONDS)).isPresent();
            return Duration.ofNanos(System.nanoTime() - released);
        });

        Measured.log("release-before-watch.granted-after", took);
        assertThat(took).isLessThan(beforeAnyPoll);
    }

    @Test
    void everyAcquireEndsInTimeAlthoughTheConnectionIsCutAfterEachWatchCreated() throws Exception {
        link.cutAfterCreated(true);
        Duration worst = Duration.ZERO;
        for (int round = 0; round < 3; round++) {
            List<LockHandle> held = new ArrayList<>();
            List<CompletableFuture<Optional<LockHandle>>> waiting = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                held.add(other.lock("seat-" + i).acquire());
                waiting.add(registry.lock("seat-" + i).tryAcquireAsync(Duration.ofSeconds(60)));
            }
            int cuts = link.cutsAfterCreated();
            await().atMost(Duration.ofSeconds(30)).until(() -> link.cutsAfterCreated() > cuts && queued() == 12);
            List<Long> released = new ArrayList<>();
            for (LockHandle each : held) {
                each.release();
                released.add(System.nanoTime());
            }
            for (int i = 0; i < 6; i++) {
                LockHandle granted = waiting.get(i).get(30, TimeUnit.SECONDS).orElseThrow();
                Duration took = Duration.ofNanos(System.nanoTime() - released.get(i));
                worst = took.compareTo(worst) > 0 ? took : worst;
                granted.release();
            }
        }
        Measured.log("cut-after-created.cuts", link.cutsAfterCreated(), "connections");
        Measured.log("cut-after-created.worst-wait", worst);
        assertThat(worst).isLessThan(POLL.plusSeconds(1));
    }

    @Test
    void everyAcquireEndsInTimeAlthoughAWatchSaysNothingForEver() throws Exception {
        LockHandle theirs = other.lock("seat").acquire();
        CompletableFuture<Void> silent = link.loseNext(Method.WATCH, Loss.SILENCE);
        CompletableFuture<Optional<LockHandle>> waiter = registry.lock("seat").tryAcquireAsync(Duration.ofSeconds(30));
        await().pollInterval(Duration.ofMillis(5)).until(silent::isDone);

        theirs.release();
        long released = System.nanoTime();

        assertThat(waiter).succeedsWithin(POLL.plusSeconds(1)).matches(Optional::isPresent);
        Measured.log("silent-watch.granted-after", Duration.ofNanos(System.nanoTime() - released));
    }

    @Test
    void aSecondOfDelayInEachDirectionCostsNoHold() throws Exception {
        assertHeldUnderDelay(Duration.ofSeconds(11));
    }

    @Test
    @Tag("faults")
    void aSecondOfDelayInEachDirectionCostsNoHoldForAMinute() throws Exception {
        assertHeldUnderDelay(Duration.ofSeconds(60));
    }

    private void assertHeldUnderDelay(Duration time) throws Exception {
        Duration ttl = Duration.ofSeconds(10);
        Duration oneWay = Duration.ofSeconds(1);
        LockHandle handle = registry.lock("far", LockOptions.defaults().withTtl(ttl))
                .tryAcquire(Duration.ofSeconds(5))
                .orElseThrow();
        link.delay(oneWay, oneWay);
        // Until the renewals of the time before are history.
        await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
        // From the sending: what the answer needed for its way is gone already.
        Duration most = ttl.multipliedBy(998).dividedBy(1000).minusSeconds(1).minus(oneWay.multipliedBy(2));
        Duration[] leastAndMost = {ttl, Duration.ZERO};
        await().pollInterval(Duration.ofMillis(50))
                .during(time)
                .atMost(time.plusSeconds(5))
                .until(() -> {
                    Duration remaining = handle.remaining();
                    leastAndMost[0] = remaining.compareTo(leastAndMost[0]) < 0 ? remaining : leastAndMost[0];
                    leastAndMost[1] = remaining.compareTo(leastAndMost[1]) > 0 ? remaining : leastAndMost[1];
                    return handle.isHeld();
                });
        Measured.log("delay-1s-each-way.least-remaining", leastAndMost[0]);
        Measured.log("delay-1s-each-way.most-remaining", leastAndMost[1]);
        assertThat(leastAndMost[1]).isLessThanOrEqualTo(most);
        assertThat(leastAndMost[0]).isGreaterThan(Duration.ZERO);
        assertThat(handle.loss()).isEmpty();
    }

    /** That the hold is there, is the only one, and leaves nothing. */
    private void assertHeldByOneOnly(String name, Optional<LockHandle> acquired) {
        LockHandle handle = acquired.orElseThrow();
        assertThat(handle.isHeld()).isTrue();
        assertThat(keys(name)).hasSize(1);
        assertThat(etcd.etcdctl("get", keys(name).get(0), "-w", "json"))
                .contains("\"create_revision\":" + handle.fencingToken() + ",");
        assertThat(other.lock(name).tryAcquire()).isEmpty();
        handle.release();
        assertThat(keys(name)).isEmpty();
    }

    private Optional<LockHandle> tryAcquire(String name) {
        try {
            return registry.lock(name).tryAcquire();
        } catch (LockUnavailableException noAnswer) {
            return Optional.empty();
        }
    }

    private int queued() {
        return keys("").size();
    }

    /** The entries below a name, without guards; of an empty name, of all names. */
    private List<String> keys(String name) {
        String prefix = name.isEmpty() ? "locks/" : "locks/" + name + "/";
        return etcd.etcdctl("get", "--prefix", "--keys-only", prefix)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("locks/%guard/"))
                .toList();
    }

    private int leases() {
        return (int) etcd.etcdctl("lease", "list")
                .lines()
                .filter(line -> line.matches("[0-9a-f]+"))
                .count();
    }

    private static LockRegistry registry(String endpoint, Duration ttl) {
        return EtcdLockRegistry.builder()
                .endpoints(endpoint)
                .requestTimeout(REQUEST_TIMEOUT)
                .closeTimeout(CLOSE_TIMEOUT)
                .defaults(LockOptions.defaults().withTtl(ttl))
                .build();
    }
}
