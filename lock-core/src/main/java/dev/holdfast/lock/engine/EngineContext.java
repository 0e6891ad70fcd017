package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What all parts of one engine share.
 *
 * @param gatheringPhase of {@link #outOfStepGathered}; see {@link #gatheringPhase(RandomGenerator)}
 */
record EngineContext(
        LockStore store,
        TimeSource time,
        EngineOptions options,
        LockKeys keys,
        RandomGenerator random,
        long gatheringPhase,
        Callbacks callbacks,
        ClusterWatch cluster,
        NameWatches watches,
        Batching batching,
        StoreTrouble trouble,
        LossLog losses) {

    private static final long GATHERING = Duration.ofMillis(100).toNanos();

    /** A request to the store; answer or failure arrives as an event of the mailbox. */
    <T> void ask(
            Supplier<CompletableFuture<T>> request,
            Mailbox mailbox,
            BiConsumer<@Nullable T, @Nullable StoreException> event) {
        call(request)
                .whenComplete((result, failure) -> mailbox.execute(
                        () -> event.accept(result, failure == null ? null : StoreException.of(failure))));
    }

    /** A request to the store; what it throws arrives like any other failure. */
    <T> CompletableFuture<T> call(Supplier<CompletableFuture<T>> request) {
        try {
            return request.get();
        } catch (RuntimeException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    /** A transaction, its answer checked against the cluster known. {@code writes}: it writes whenever it succeeds. */
    void txn(
            Txn txn,
            boolean writes,
            Duration timeout,
            Mailbox mailbox,
            BiConsumer<@Nullable TxnResult, @Nullable StoreException> event) {
        long mark = cluster.mark();
        batching.send(new Operation(txn, time.nanoTime(), timeout, mailbox, (result, failure) -> {
            if (result != null) {
                trouble.answered();
                cluster.answeredBy(result.clusterId());
                cluster.answeredAt(mark, result.revision(), writes && result.succeeded());
            }
            event.accept(result, failure);
        }));
    }

    /** As {@link #txn} until the deadline, for a caller who waits: sent once more if the credentials had expired. */
    void txnForCaller(
            Txn txn,
            boolean writes,
            long deadline,
            Mailbox mailbox,
            BiConsumer<@Nullable TxnResult, @Nullable StoreException> event) {
        txn(txn, writes, until(deadline), mailbox, (result, failure) -> {
            if (failure != null && failure.kind() == StoreException.Kind.UNAUTHENTICATED) {
                refreshCredentials(mailbox, () -> txn(txn, writes, until(deadline), mailbox, event));
            } else {
                event.accept(result, failure);
            }
        });
    }

    /** Fresh credentials after a refusal; the event tells nothing, since the next attempt will. */
    void refreshCredentials(Mailbox mailbox, Runnable event) {
        ask(() -> store.refreshCredentials(options.requestTimeout()), mailbox, (done, failure) -> event.run());
    }

    TimeSource.Timer after(Duration delay, Mailbox mailbox, Runnable event) {
        return time.schedule(delay, () -> mailbox.execute(event));
    }

    /** 20 % to either side, so that many who do the same every so often do not do it in step. */
    Duration outOfStep(Duration period) {
        long nanos = period.toNanos();
        return Duration.ofNanos(nanos * 4 / 5 + random.nextLong(nanos * 2 / 5));
    }

    /**
     * As {@link #outOfStep}, but those of one process that are due about the same time are due at the same: what they ask then travels
     * in few requests. 5,000 waiters that each polled at a moment of its own took a fifth of a core. Those of other processes, whose
     * clock may be the same, are due at other moments.
     */
    Duration outOfStepGathered(Duration period) {
        long delay = outOfStep(period).toNanos();
        long due = time.nanoTime() + delay - gatheringPhase;
        return Duration.ofNanos(delay + GATHERING - Math.floorMod(due, GATHERING));
    }

    /** When within each tenth of a second the polls of one engine are gathered. */
    static long gatheringPhase(RandomGenerator random) {
        return random.nextLong(GATHERING);
    }

    static void cancel(TimeSource.@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    boolean passed(long deadline) {
        return time.nanoTime() - deadline >= 0;
    }

    Duration until(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - time.nanoTime()));
    }
}
