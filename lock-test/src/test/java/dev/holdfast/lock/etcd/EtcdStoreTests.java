package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.WatchRecorder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What only the store on etcd does; on a server of its own, since streams and goroutines are counted. */
class EtcdStoreTests {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static EtcdServer etcd;
    private EtcdStore store;

    @BeforeAll
    static void start() {
        etcd = EtcdServer.start();
    }

    @AfterAll
    static void stop() {
        etcd.close();
    }

    @BeforeEach
    void connect() {
        store = TestStores.connect(List.of(etcd.endpoint()));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void allWatchesShareOneStream() {
        await().until(() -> etcd.metric("etcd_debugging_mvcc_watch_stream_total") == 0);
        List<WatchRecorder> seen = new ArrayList<>();
        List<LockStore.Watch> watches = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            WatchRecorder recorder = new WatchRecorder();
            seen.add(recorder);
            watches.add(store.watch(KeyRange.single("shared/" + i), recorder));
        }
        await().untilAsserted(() -> assertThat(seen).allMatch(each -> each.readies() == 1));

        assertThat(etcd.metric("etcd_debugging_mvcc_watch_stream_total")).isEqualTo(1);
        assertThat(etcd.metric("etcd_debugging_mvcc_watcher_total")).isEqualTo(50);
        for (int i = 0; i < 50; i++) {
            put("shared/" + i);
        }
        await().untilAsserted(() -> assertThat(IntStream.range(0, 50))
                .allMatch(i -> seen.get(i).changes().stream()
                        .map(KeyChange::key)
                        .toList()
                        .equals(List.of("shared/" + i))));

        watches.forEach(LockStore.Watch::close);
        await().until(() -> etcd.metric("etcd_debugging_mvcc_watcher_total") == 0);
    }

    @Test
    void aWatchClosedBeforeItExistsDoesNotStayOnTheServer() {
        WatchRecorder marker = new WatchRecorder();
        for (int i = 0; i < 20; i++) {
            store.watch(KeyRange.single("early/" + i), new WatchRecorder()).close();
        }
        LockStore.Watch last = store.watch(KeyRange.single("early/marker"), marker);
        await().until(() -> marker.readies() == 1);

        await().until(() -> etcd.metric("etcd_debugging_mvcc_watcher_total") == 1);
        last.close();
        await().until(() -> etcd.metric("etcd_debugging_mvcc_watcher_total") == 0);
    }

    @Test
    void aWatcherThatThrowsDoesNotHurtTheOthers() {
        WatchRecorder good = new WatchRecorder();
        WatchRecorder bad = new WatchRecorder() {
            @Override
            public synchronized void ready() {
                super.ready();
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void changed(KeyChange change) {
                super.changed(change);
                throw new IllegalStateException("on purpose");
            }
        };
        store.watch(KeyRange.prefix("throw/"), bad);
        store.watch(KeyRange.prefix("throw/"), good);
        await().until(() -> good.readies() == 1);

        put("throw/1");
        put("throw/2");

        await().until(() -> good.changes().size() == 2 && bad.changes().size() == 2);
        assertThat(good.breaks()).isEmpty();
    }

    @Test
    void renewalsLeaveNoStreamBehind() {
        long lease = store.grant(Duration.ofSeconds(60), TIMEOUT).join().leaseId();
        store.keepAlive(lease, TIMEOUT).join();
        double before = etcd.metric("go_goroutines");

        for (int i = 0; i < 200; i++) {
            store.keepAlive(lease, TIMEOUT).join();
        }

        await().untilAsserted(() -> assertThat(etcd.metric("go_goroutines")).isLessThan(before + 20));
        store.revoke(lease, TIMEOUT).join();
    }

    @Test
    void whatIsTooLargeIsInvalid() {
        Op.Put huge = new Op.Put("huge", "x".repeat(2_000_000), 0);
        assertThat(failure(store.txn(Txn.of(huge), TIMEOUT)).kind()).isEqualTo(Kind.INVALID);
        Op[] many = IntStream.range(0, 130)
                .mapToObj(i -> new Op.Put("many/" + i, "", 0))
                .toArray(Op[]::new);
        assertThat(failure(store.txn(Txn.of(many), TIMEOUT)).kind()).isEqualTo(Kind.INVALID);
    }

    @Test
    void statusTellsTheVersion() {
        var status = store.status(TIMEOUT).join();
        assertThat(etcd.etcdctl("version")).contains(status.version());
        assertThat(status.leaderKnown()).isTrue();
        assertThat(status.roundTrip()).isPositive();
    }

    @Test
    void whatIsDoneToAFutureDoesNotReachTheRequest() {
        for (int i = 0; i < 20; i++) {
            store.txn(Txn.of(new Op.Put("outside/" + i, "", 0)), TIMEOUT).cancel(true);
        }

        await().untilAsserted(() -> assertThat(store.txn(
                                Txn.of(new Op.Get(KeyRange.prefix("outside/"), Op.Order.OLDEST_FIRST, 0, 0, true)),
                                TIMEOUT)
                        .join()
                        .keys(0)
                        .keys())
                .hasSize(20));
    }

    @Test
    void closeCompletesWhatIsPendingAndBreaksWatches() {
        WatchRecorder watch = new WatchRecorder();
        store.watch(KeyRange.single("pending"), watch);
        await().until(() -> watch.readies() == 1);
        etcd.freeze();
        try {
            List<CompletableFuture<?>> pending = List.of(
                    store.txn(Txn.of(new Op.Put("pending", "", 0)), Duration.ofSeconds(60)),
                    store.grant(Duration.ofSeconds(60), Duration.ofSeconds(60)),
                    store.keepAlive(1, Duration.ofSeconds(60)),
                    store.revoke(1, Duration.ofSeconds(60)),
                    store.status(Duration.ofSeconds(60)));
            long before = System.nanoTime();

            store.close();

            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
            assertThat(pending).allMatch(CompletableFuture::isDone);
            assertThat(pending).extracting(each -> failure(each).kind()).containsOnly(Kind.CLOSED);
            await().until(() -> watch.breaks().size() == 1);
            assertThat(watch.breaks().get(0).kind()).isEqualTo(Kind.CLOSED);
        } finally {
            etcd.thaw();
        }
    }

    @Test
    void closeLeavesNoThread() {
        store.close();
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(threads()).isEmpty());

        for (int i = 0; i < 5; i++) {
            EtcdStore another = TestStores.connect(List.of(etcd.endpoint()));
            another.watch(KeyRange.single("thread"), new WatchRecorder());
            another.reconnect();
            another.close();
        }

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(threads()).isEmpty());
    }

    /** Threads of ours, jetcd's and gRPC's, except those gRPC keeps for the whole JVM. */
    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("holdfast")
                        || name.startsWith("jetcd")
                        || name.startsWith("grpc")
                        || name.startsWith("vert.x")
                        || name.contains("Failsafe"))
                .collect(Collectors.toSet());
    }

    private void put(String key) {
        store.txn(Txn.of(new Op.Put(key, "", 0)), TIMEOUT).join();
    }

    private static StoreException failure(CompletableFuture<?> future) {
        return future.handle((answer, failure) -> StoreException.of(failure)).join();
    }
}
