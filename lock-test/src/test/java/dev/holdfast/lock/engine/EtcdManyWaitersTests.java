package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.etcd.TestStores;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.Measured;
import dev.holdfast.lock.test.Traces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One process that waits for thousands of names at once, all of them held by another. */
class EtcdManyWaitersTests {

    private static final int NAMES = 5_000;
    private static final long HEAP_BOUND_KIB = 64 * 1024;
    private static final Duration WAIT = Duration.ofMinutes(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Operations of one transaction; etcd takes 128. */
    private static final int CHUNK = 100;

    private EtcdServer etcd;
    private LockStore others;
    private LockStore store;
    private LockEngine engine;

    @BeforeEach
    void start() {
        etcd = EtcdServer.start();
        others = TestStores.store(List.of(etcd.endpoint()));
        store = TestStores.store(List.of(etcd.endpoint()));
        engine = LockEngine.onSystemTime(store, EngineOptions.defaults());
    }

    @AfterEach
    void stop() {
        engine.close();
        others.close();
        etcd.close();
    }

    @Test
    void fiveThousandWaitsTakeOneStreamLittleMemoryAndNoThread() throws Exception {
        long lease = others.grant(WAIT, TIMEOUT).get().leaseId();
        hold(NAMES + 1, lease);
        warmUp();
        Traces before = Traces.of(etcd);
        Footprint footprint = engine.footprint();
        long heap = Traces.heapKib();

        List<CompletableFuture<Optional<LockHandle>>> waits = join();

        Traces waiting = Traces.of(etcd);
        long grown = Traces.heapKib() - heap;
        Measured.log("many-waiters.heap-growth", grown, "KiB");
        Measured.log("many-waiters.heap-per-wait", grown * 1024 / NAMES, "bytes");
        Measured.log("many-waiters.guards", waiting.guards(), "keys");
        Measured.log("many-waiters.thread-growth", waiting.threads() - before.threads(), "threads");
        assertThat(engine.footprint().waiting()).isEqualTo(NAMES);
        assertThat(waiting.watchStreams()).isEqualTo(1);
        assertThat(waiting.keys()).isEqualTo(before.keys() + NAMES);
        assertThat(waiting.leases()).isEqualTo(before.leases());
        // Those of the libraries may come and go a little.
        assertThat(waiting.threads()).isLessThanOrEqualTo(before.threads() + 3);
        assertThat(grown).isLessThan(HEAP_BOUND_KIB);

        oneReleaseWakesOneWaiter(waits, 1234, lease);

        cancel(waits);
        // On a slow machine some may have been in doubt; their guards live as long as the lease.
        assertThat(engine.footprint())
                .usingRecursiveComparison()
                .ignoringFields("guards")
                .isEqualTo(footprint);
        // Without the one released.
        assertThat(Traces.of(etcd).keys()).isEqualTo(before.keys() - 1);
        assertThat(TestStores.openCalls(store)).isZero();
    }

    /** Lease, connection, stream of watches and callback thread are there before anything is counted. */
    private void warmUp() {
        CompletableFuture<Optional<LockHandle>> first = engine.lock(name(NAMES)).tryAcquireAsync(WAIT);
        awaitWatchers(1);
        first.cancel(false);
        awaitNothingUnderWay();
    }

    /** All at once. */
    private List<CompletableFuture<Optional<LockHandle>>> join() {
        long begin = System.nanoTime();
        List<CompletableFuture<Optional<LockHandle>>> waits = new ArrayList<>(NAMES);
        for (int i = 0; i < NAMES; i++) {
            waits.add(engine.lock(name(i)).tryAcquireAsync(WAIT));
        }
        awaitWatchers(NAMES);
        Measured.log("many-waiters.join", Duration.ofNanos(System.nanoTime() - begin));
        return waits;
    }

    private void oneReleaseWakesOneWaiter(List<CompletableFuture<Optional<LockHandle>>> waits, int number, long lease)
            throws Exception {
        double told = eventsTold();
        others.txn(Txn.of(new Op.Delete(KeyRange.single(foreignKey(number, lease)))), TIMEOUT)
                .get();

        LockHandle handle = waits.get(number).get(10, TimeUnit.SECONDS).orElseThrow();

        assertThat(eventsTold() - told).isEqualTo(1);
        assertThat(waits).filteredOn(CompletableFuture::isDone).hasSize(1);
        handle.release();
    }

    private void cancel(List<CompletableFuture<Optional<LockHandle>>> waits) {
        long begin = System.nanoTime();
        waits.forEach(wait -> wait.cancel(false));
        awaitNothingUnderWay();
        Measured.log("many-waiters.cancel", Duration.ofNanos(System.nanoTime() - begin));
    }

    private void awaitNothingUnderWay() {
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.footprint().queues() == 0);
        awaitWatchers(0);
    }

    private void awaitWatchers(int count) {
        await().atMost(Duration.ofSeconds(60)).until(() -> etcd.metric("etcd_debugging_mvcc_watcher_total") == count);
    }

    /** To watchers, one each. */
    private double eventsTold() {
        return etcd.metric("etcd_debugging_mvcc_events_total");
    }

    private static String name(int number) {
        return "name-" + number;
    }

    private static String foreignKey(int number, long lease) {
        return "locks/" + name(number) + "/" + Long.toHexString(lease);
    }

    /** Entries of another process, oldest of their names. */
    private void hold(int names, long lease) throws Exception {
        for (int from = 0; from < names; from += CHUNK) {
            List<Op> puts = new ArrayList<>();
            for (int i = from; i < Math.min(from + CHUNK, names); i++) {
                puts.add(new Op.Put(foreignKey(i, lease), "", lease));
            }
            others.txn(new Txn(List.of(), puts, List.of()), TIMEOUT).get();
        }
    }
}
