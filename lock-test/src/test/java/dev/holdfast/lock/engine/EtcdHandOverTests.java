package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.etcd.TestStores;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.Measured;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One name that goes to and fro between two processes. */
class EtcdHandOverTests {

    private static final int WARM_UP = 200;
    private static final int HAND_OVERS = 500;
    private static final Duration WAIT = Duration.ofMinutes(5);

    private EtcdServer etcd;
    private List<CountingStore> stores;
    private List<LockEngine> engines;

    @BeforeEach
    void start() {
        etcd = EtcdServer.start();
        stores = List.of(new CountingStore(etcd), new CountingStore(etcd));
        // No poll comes in the time of one wait.
        EngineOptions options = EngineOptions.defaults()
                .withLockDefaults(LockOptions.defaults().withTtl(Duration.ofSeconds(300)))
                .withCallbackExecutor(Runnable::run);
        engines = stores.stream()
                .map(store -> LockEngine.onSystemTime(store, options))
                .toList();
    }

    @AfterEach
    void stop() {
        engines.forEach(LockEngine::close);
        etcd.close();
    }

    @Test
    void aHandOverIsOneCommitAndOnePush() throws Exception {
        LockHandle holder = engines.get(0).lock("seat").acquire();
        long[] gaps = new long[HAND_OVERS];
        long[] releases = new long[HAND_OVERS];
        int[] before = new int[0];
        for (int i = 0; i < WARM_UP + HAND_OVERS; i++) {
            if (i == WARM_UP) {
                before = counts();
            }
            CountingStore joining = stores.get((i + 1) % 2);
            int joined = joining.transactions.get();
            CompletableFuture<Long> grantedAt = new CompletableFuture<>();
            CompletableFuture<Optional<LockHandle>> next =
                    engines.get((i + 1) % 2).lock("seat").tryAcquireAsync(WAIT);
            var unused = next.thenRun(() -> grantedAt.complete(System.nanoTime()));
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> joining.transactions.get() > joined && joining.pending.get() == 0);
            long releasedAt = System.nanoTime();
            CompletableFuture<Long> releasedAfter =
                    holder.releaseAsync().thenApply(done -> System.nanoTime() - releasedAt);
            gaps[Math.max(0, i - WARM_UP)] = grantedAt.get(10, TimeUnit.SECONDS) - releasedAt;
            releases[Math.max(0, i - WARM_UP)] = releasedAfter.get(10, TimeUnit.SECONDS);
            holder = next.get().orElseThrow();
        }
        holder.release();

        Arrays.sort(gaps);
        Arrays.sort(releases);
        Measured.log("hand-over.release-p50", releases[HAND_OVERS / 2] / 1_000, "us");
        Measured.log("hand-over.p50", gaps[HAND_OVERS / 2] / 1_000, "us");
        Measured.log("hand-over.p90", gaps[HAND_OVERS * 9 / 10] / 1_000, "us");
        int[] after = counts();
        Measured.log("hand-over.reads", after[0] - before[0], "requests");
        assertThat(after[0] - before[0]).as("reads").isZero();
        assertThat(after[1] - before[1]).as("watches").isZero();
    }

    /** Reads and watches of both. */
    private int[] counts() {
        return new int[] {
            stores.stream().mapToInt(store -> store.reads.get()).sum(),
            stores.stream().mapToInt(store -> store.watches.get()).sum()
        };
    }

    private static final class CountingStore extends DelegatingStore {

        final AtomicInteger transactions = new AtomicInteger();
        final AtomicInteger pending = new AtomicInteger();
        final AtomicInteger reads = new AtomicInteger();
        final AtomicInteger watches = new AtomicInteger();

        CountingStore(EtcdServer etcd) {
            super(TestStores.store(List.of(etcd.endpoint())));
        }

        @Override
        public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
            pending.incrementAndGet();
            transactions.incrementAndGet();
            if (txn.conditions().isEmpty()) {
                reads.incrementAndGet();
            }
            CompletableFuture<TxnResult> answer = super.txn(txn, timeout);
            // Not pending any more when the engine has dealt with it: that happens inside complete.
            CompletableFuture<TxnResult> seen = new CompletableFuture<>();
            var unused = answer.whenComplete((result, failure) -> {
                if (failure != null) {
                    seen.completeExceptionally(failure);
                } else {
                    seen.complete(result);
                }
                pending.decrementAndGet();
            });
            return seen;
        }

        @Override
        public Watch watch(KeyRange range, Watcher watcher) {
            watches.incrementAndGet();
            return super.watch(range, watcher);
        }
    }
}
