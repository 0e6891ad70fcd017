package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.Quickest;
import dev.holdfast.lock.test.WatchRecorder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** etcd that is frozen, gone, and back. */
class EtcdOutageTests {

    private static final Txn PUT = Txn.of(new Op.Put("outage", "", 0));
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private EtcdServer etcd;
    private EtcdStore store;

    @BeforeEach
    void start() {
        etcd = EtcdServer.start();
        store = TestStores.connect(List.of(etcd.endpoint()));
    }

    @AfterEach
    void stop() {
        store.close();
        etcd.close();
    }

    @Test
    void aFrozenServerIsATimeoutInTime() throws Exception {
        etcd.freeze();
        Duration limit = TIMEOUT.plusMillis(700);

        Duration took = Quickest.toRun(limit, () -> {
            StoreException failure = failure(store.txn(PUT, TIMEOUT));
            assertThat(failure.kind()).isEqualTo(Kind.TIMEOUT);
            assertThat(failure.kind().definite()).isFalse();
        });

        assertThat(took).isBetween(TIMEOUT, limit);
        assertThat(failure(store.keepAlive(1, TIMEOUT)).kind()).isEqualTo(Kind.TIMEOUT);
        etcd.thaw();
        assertWorksWithin(Duration.ofSeconds(5));
    }

    @Test
    void aServerFrozenForLongIsUsedAgainAtOnce() {
        WatchRecorder watch = new WatchRecorder();
        store.watch(KeyRange.single("outage"), watch);
        await().until(() -> watch.readies() == 1);
        etcd.freeze();
        failFor(Duration.ofSeconds(8));

        etcd.thaw();

        assertWorksWithin(Duration.ofSeconds(5));
    }

    @Test
    void aStoppedServerIsUnavailableAtOnceAndSaysWhy() {
        etcd.kill();

        await().untilAsserted(() -> {
            StoreException failure = failure(store.txn(PUT, TIMEOUT));
            assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(failure).hasMessageContaining("Connection refused");
        });
    }

    @Test
    void anOutageBreaksEachWatchOnceAndTheNextWatchWorks() {
        WatchRecorder first = new WatchRecorder();
        WatchRecorder second = new WatchRecorder();
        store.watch(KeyRange.single("a"), first);
        store.watch(KeyRange.single("b"), second);
        await().until(() -> first.readies() == 1 && second.readies() == 1);

        etcd.kill();

        await().until(() -> first.breaks().size() == 1 && second.breaks().size() == 1);
        assertThat(first.breaks().get(0).kind()).isEqualTo(Kind.UNAVAILABLE);
        etcd.restart();
        assertWorksWithin(Duration.ofSeconds(5));
        WatchRecorder third = new WatchRecorder();
        store.watch(KeyRange.single("outage"), third);
        await().until(() -> third.readies() == 1);
        store.txn(PUT, TIMEOUT).join();
        await().until(() -> third.changes().size() == 1);
        assertThat(first.breaks()).hasSize(1);
        assertThat(second.breaks()).hasSize(1);
    }

    @Test
    void afterALongOutageItWorksAgainWithinThreeSeconds() {
        etcd.kill();
        // Long enough for gRPC to wait many seconds between its own attempts.
        failFor(Duration.ofSeconds(25));

        etcd.restart();

        assertWorksWithin(Duration.ofSeconds(5));
    }

    @Test
    void afterAnOutageNobodyNoticedItWorksAgainWithinThreeSeconds() {
        etcd.kill();
        await().pollDelay(Duration.ofSeconds(6)).until(() -> true);

        etcd.restart();

        assertWorksWithin(Duration.ofSeconds(5));
    }

    @Test
    void aStoreMadeDuringAnOutageWorksWhenEtcdDoes() {
        etcd.kill();
        try (EtcdStore early =
                TestStores.builder(List.of(etcd.endpoint())).failFast(false).connect()) {
            assertThat(failure(early.txn(PUT, TIMEOUT)).kind()).isEqualTo(Kind.UNAVAILABLE);
            etcd.restart();
            await().pollInterval(Duration.ofMillis(50))
                    .atMost(Duration.ofSeconds(3))
                    .until(() -> succeeds(early));
        }
    }

    @Test
    void aStaleFailureDoesNotReplaceAHealthyConnection() {
        WatchRecorder watch = new WatchRecorder();
        store.watch(KeyRange.single("outage"), watch);
        await().until(() -> watch.readies() == 1);
        etcd.freeze();
        CompletableFuture<?> held = store.keepAlive(1, Duration.ofMillis(300));
        await().until(held::isDone);
        etcd.thaw();
        assertWorksWithin(Duration.ofSeconds(5));

        // However often the engine asks for it: the connection answers, so it stays, and with it the watch.
        for (int i = 0; i < 5; i++) {
            store.reconnect();
        }
        await().pollDelay(Duration.ofSeconds(3)).until(() -> true);

        assertThat(watch.breaks()).isEmpty();
        assertThat(watch.readies()).isEqualTo(1);
    }

    private void failFor(Duration duration) {
        long start = System.nanoTime();
        await().pollInterval(Duration.ofMillis(200))
                .atMost(duration.plusSeconds(10))
                .until(() -> {
                    assertThat(succeeds(store)).isFalse();
                    return System.nanoTime() - start > duration.toNanos();
                });
    }

    private void assertWorksWithin(Duration limit) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .atMost(limit)
                .until(() -> succeeds(store));
    }

    private static boolean succeeds(EtcdStore store) {
        return store.txn(PUT, TIMEOUT)
                .handle((answer, failure) -> failure == null)
                .join();
    }

    private static StoreException failure(CompletableFuture<?> future) {
        return future.handle((answer, failure) -> StoreException.of(failure)).join();
    }
}
