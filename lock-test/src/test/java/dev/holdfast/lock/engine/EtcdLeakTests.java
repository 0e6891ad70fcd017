package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.etcd.TestStores;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.Measured;
import dev.holdfast.lock.test.Traces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * However many locks were taken, or could not be taken: afterwards everything in etcd and in the JVM is back to where it began, while
 * the registries live, and to nothing when they are closed.
 */
class EtcdLeakTests {

    private static final int THREADS = 16;
    private static final int SHARED_NAMES = 8;
    private static final int NAMES_IN_DOUBT = 50;
    private static final Duration TTL = Duration.ofSeconds(10);

    /** Room for what the JVM and the libraries keep for themselves. */
    private static final long HEAP_BOUND_KIB = 6 * 1024;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private EtcdServer etcd;
    private Traces withoutRegistries;
    private final List<LockStore> stores = new ArrayList<>();
    private final List<LockEngine> engines = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start();
        // Threads are started and the HTTP client of the metrics is connected.
        onAllThreads(THREADS, i -> {});
        Traces.of(etcd);
        withoutRegistries = Traces.of(etcd);
        for (int i = 0; i < 2; i++) {
            LockStore store = TestStores.store(List.of(etcd.endpoint()));
            stores.add(store);
            engines.add(LockEngine.onSystemTime(
                    store,
                    EngineOptions.defaults()
                            .withLockDefaults(LockOptions.defaults().withTtl(TTL))));
        }
    }

    @AfterEach
    void stop() {
        engines.forEach(LockEngine::close);
        threads.shutdownNow();
        etcd.close();
    }

    @Test
    void tenThousandCyclesLeaveNothing() throws Exception {
        assertNothingGrows("cycles", 2_000, 10_000, this::cycles);
    }

    @Test
    @Tag("faults")
    void aHundredThousandCyclesLeaveNothing() throws Exception {
        assertNothingGrows("cycles-long", 5_000, 100_000, this::cycles);
    }

    @Test
    void aThousandFailedAcquiresLeaveNothing() throws Exception {
        assertNothingGrows("failed-acquires", 300, 1_000, this::failures);
    }

    @Test
    @Tag("faults")
    void tenThousandFailedAcquiresLeaveNothing() throws Exception {
        assertNothingGrows("failed-acquires-long", 1_000, 10_000, this::failures);
    }

    private interface Work {
        void run(int first, int count) throws Exception;
    }

    private void assertNothingGrows(String name, int warmUp, int count, Work work) throws Exception {
        openWatchStreams();
        work.run(0, warmUp);
        Traces before = settled();
        List<Footprint> footprints = engines.stream().map(LockEngine::footprint).toList();
        long heap = Traces.heapKib();
        long begin = System.nanoTime();

        work.run(warmUp, count);

        Measured.log(name + ".count", count, "acquires");
        Measured.log(name + ".time", Duration.ofNanos(System.nanoTime() - begin));
        Traces after = settled();
        // Goroutines and threads may come and go a little by themselves.
        assertThat(after)
                .usingRecursiveComparison()
                .ignoringFields("goroutines", "threads", "guards")
                .isEqualTo(before);
        // A guard lives as long as the lease; what must not happen is one for each failure.
        assertThat(after.guards()).isLessThanOrEqualTo(2 * (NAMES_IN_DOUBT + SHARED_NAMES));
        assertThat(after.goroutines()).isLessThanOrEqualTo(before.goroutines() + 5);
        assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + 3);
        assertThat(Traces.callbackThreads()).isLessThanOrEqualTo(2 * 64);
        assertThat(engines)
                .map(LockEngine::footprint)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("guards")
                .isEqualTo(footprints);
        assertThat(engines.stream()
                        .mapToInt(engine -> engine.footprint().guards())
                        .sum())
                .isEqualTo((int) after.guards());
        // A renewal may have begun since; what leaked stays.
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(stores)
                        .allSatisfy(
                                store -> assertThat(TestStores.openCalls(store)).isZero()));
        long grown = Traces.heapKib() - heap;
        Measured.log(name + ".heap-growth", grown, "KiB");
        Measured.log(name + ".goroutine-growth", after.goroutines() - before.goroutines(), "goroutines");
        Measured.log(name + ".thread-growth", after.threads() - before.threads(), "threads");
        Measured.log(name + ".file-growth", after.files() - before.files(), "files");
        Measured.log(name + ".guards", after.guards(), "keys");
        assertThat(grown).isLessThan(HEAP_BOUND_KIB);
        assertNothingIsLeftByClose(name);
    }

    private void assertNothingIsLeftByClose(String name) {
        engines.forEach(LockEngine::close);
        assertThat(engines)
                .allSatisfy(engine ->
                        assertThat(engine.footprint()).isEqualTo(new Footprint(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)));
        // Threads of gRPC linger for some seconds.
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            Traces closed = Traces.of(etcd);
            assertThat(closed)
                    .usingRecursiveComparison()
                    .ignoringFields("goroutines", "threads", "files")
                    .isEqualTo(withoutRegistries);
            assertThat(closed.goroutines()).isLessThanOrEqualTo(withoutRegistries.goroutines() + 5);
            assertThat(closed.threads()).isLessThanOrEqualTo(withoutRegistries.threads() + 3);
            assertThat(closed.files()).isLessThanOrEqualTo(withoutRegistries.files() + 3);
            assertThat(Traces.callbackThreads()).isZero();
        });
        Traces closed = Traces.of(etcd);
        Measured.log(name + ".threads-after-close", closed.threads() - withoutRegistries.threads(), "threads");
        Measured.log(name + ".files-after-close", closed.files() - withoutRegistries.files(), "files");
    }

    /** When nothing is under way any more. */
    private Traces settled() {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> engines.stream()
                        .allMatch(engine -> engine.footprint().queues() == 0
                                && engine.footprint().nameWatches() == 0
                                && engine.footprint().entries() == 0
                                && engine.footprint().unrevoked()
                                        == engine.footprint().sharedSessions()));
        // A renewal or an audit may be under way at the moment we look.
        return await().atMost(Duration.ofSeconds(10))
                .until(() -> Traces.of(etcd), traces -> traces.keepAlives() == 0 && traces.calls() == openStreams());
    }

    /** On a slow machine the first waits may all end before they have come to watch. */
    private void openWatchStreams() throws Exception {
        for (int i = 0; i < engines.size(); i++) {
            int streams = i + 1;
            LockHandle held =
                    engines.get(engines.size() - streams).lock("watched").acquire();
            CompletableFuture<Optional<LockHandle>> waiting =
                    engines.get(i).lock("watched").tryAcquireAsync(Duration.ofSeconds(60));
            await().atMost(Duration.ofSeconds(20)).until(() -> openStreams() == streams);
            held.release();
            waiting.get(60, TimeUnit.SECONDS).orElseThrow().release();
        }
    }

    /** One stream of watches for each connection that ever waited. */
    private long openStreams() {
        return (long) etcd.metric("etcd_debugging_mvcc_watch_stream_total");
    }

    private void cycles(int first, int count) throws Exception {
        LockOptions ownLease = LockOptions.defaults().withTtl(TTL).withRenew(false);
        AtomicInteger acquired = new AtomicInteger();
        onAllThreads(count, i -> {
            int number = first + i;
            LockEngine engine = engines.get(number % 2);
            String name = number % 3 == 0 ? "shared-" + number % SHARED_NAMES : "once-" + number;
            LeaseLock lock = number % 50 == 7 ? engine.lock(name, ownLease) : engine.lock(name);
            if (number % 10 == 1) {
                Lock view = lock.asLock();
                view.lock();
                view.lock();
                view.unlock();
                view.unlock();
            } else if (number % 10 == 2) {
                lock.tryAcquireAsync(Duration.ofSeconds(60))
                        .get(60, TimeUnit.SECONDS)
                        .orElseThrow()
                        .releaseAsync()
                        .get(60, TimeUnit.SECONDS);
            } else {
                lock.tryAcquire(Duration.ofSeconds(60)).orElseThrow().close();
            }
            acquired.incrementAndGet();
        });
        assertThat(acquired.get()).isEqualTo(count);
    }

    /** Refused, timed out, cancelled and interrupted while another registry holds; and, a tenth of them, without an answer of etcd. */
    private void failures(int first, int count) throws Exception {
        AtomicInteger failed = new AtomicInteger();
        int unanswered = count / 10;
        for (int done = 0; done < unanswered; done += 100) {
            failed.addAndGet(unanswered(Math.min(100, unanswered - done)));
        }
        List<LockHandle> held = new ArrayList<>();
        for (int i = 0; i < SHARED_NAMES; i++) {
            held.add(engines.get(0).lock("shared-" + i).acquire());
        }
        onAllThreads(count - unanswered, i -> {
            LeaseLock lock = engines.get(1).lock("shared-" + i % SHARED_NAMES);
            LeaseLock ours = engines.get(0).lock("shared-" + i % SHARED_NAMES);
            switch (i % 6) {
                case 0 -> assertThat(lock.tryAcquire()).isEmpty();
                case 1 -> assertThat(ours.tryAcquire()).isEmpty();
                case 2 -> timedOut(lock);
                case 3 -> timedOut(ours);
                case 4 -> cancelled(lock, i);
                default -> interrupted(lock);
            }
            failed.incrementAndGet();
        });
        held.forEach(LockHandle::release);
        assertThat(failed.get()).isEqualTo(count);
    }

    private static void timedOut(LeaseLock lock) throws InterruptedException {
        try {
            assertThat(lock.tryAcquire(Duration.ofMillis(5))).isEmpty();
        } catch (LockUnavailableException tooShort) {
            // for etcd to answer even once
        }
    }

    private static void cancelled(LeaseLock lock, int i) {
        CompletableFuture<Optional<LockHandle>> request = lock.tryAcquireAsync(Duration.ofMinutes(1));
        if (i % 4 == 0) {
            // Time to get into the queue; the others are cancelled on their way.
            await().pollDelay(Duration.ofMillis(10)).until(() -> true);
        }
        request.cancel(false);
    }

    private static void interrupted(LeaseLock lock) {
        Thread me = Thread.currentThread();
        CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS).execute(me::interrupt);
        try {
            lock.acquire();
            throw new AssertionError("acquired what another holds");
        } catch (InterruptedException expected) {
            // and the flag is cleared
        }
    }

    private int unanswered(int count) throws Exception {
        List<CompletableFuture<Optional<LockHandle>>> requests = new ArrayList<>();
        etcd.freeze();
        try {
            for (int i = 0; i < count; i++) {
                requests.add(engines.get(i % 2)
                        .lock("doubt-" + i / 2 % NAMES_IN_DOUBT)
                        .tryAcquireAsync(Duration.ofMillis(1 + i % 60)));
            }
            int failed = 0;
            for (CompletableFuture<Optional<LockHandle>> request : requests) {
                failed += request.handle((handle, failure) ->
                                failure instanceof LockUnavailableException || (handle != null && handle.isEmpty())
                                        ? 1
                                        : 0)
                        .get(10, TimeUnit.SECONDS);
            }
            return failed;
        } finally {
            etcd.thaw();
            // Renewals, too, get their turn before the next time.
            for (LockEngine engine : engines) {
                engine.lock("after")
                        .tryAcquire(Duration.ofSeconds(20))
                        .orElseThrow()
                        .release();
            }
        }
    }

    private interface Call {
        void run(int number) throws Exception;
    }

    private void onAllThreads(int count, Call call) throws Exception {
        AtomicInteger next = new AtomicInteger();
        List<Callable<Void>> work = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            work.add(() -> {
                for (int number = next.getAndIncrement(); number < count; number = next.getAndIncrement()) {
                    call.run(number);
                }
                return null;
            });
        }
        for (Future<Void> each : threads.invokeAll(work)) {
            each.get();
        }
    }
}
