package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * Requests for a caller who blocks for the answer, and not for a lock. They go beside those of the locks, not in one queue with them: a
 * large answer would keep those waiting. Fails with {@link StoreException}. No state.
 */
record Inquiry(EngineContext context) {

    /** The store's own limit comes first, and says more. */
    private static final Duration LATER = Duration.ofMillis(100);

    /** Each is a request of its own. */
    private static final int MOST_LEASES = 256;

    /** Within the request timeout; sent once more if the credentials had expired. */
    TxnResult txn(Txn txn) {
        long deadline = deadline();
        Function<Duration, CompletableFuture<TxnResult>> request =
                timeout -> context.store().txn(txn, timeout);
        try {
            return answer(request, deadline);
        } catch (StoreException failure) {
            if (failure.kind() != StoreException.Kind.UNAUTHENTICATED) {
                throw failure;
            }
        }
        answer(timeout -> context.store().refreshCredentials(timeout).thenApply(done -> true), deadline);
        return answer(request, deadline);
    }

    /** Time that these leases have left; zero for one that has ended. One that the store did not tell in time is missing. */
    Map<Long, Duration> remaining(Set<Long> leases) {
        Map<Long, CompletableFuture<Duration>> asked = new HashMap<>();
        Duration timeout = context.options().requestTimeout();
        leases.stream().limit(MOST_LEASES).forEach(lease -> asked.put(lease, remaining(lease, timeout)));
        CompletableFuture<Void> all = CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new));
        Uninterruptible.await(context.time(), all, timeout.plus(LATER));
        Map<Long, Duration> told = new HashMap<>();
        asked.forEach((lease, answer) -> {
            if (answer.isDone() && !answer.isCompletedExceptionally()) {
                told.put(lease, answer.join());
            }
        });
        return told;
    }

    private CompletableFuture<Duration> remaining(long lease, Duration timeout) {
        return context.call(() -> context.store().remaining(lease, timeout)).exceptionally(failure -> {
            StoreException cause = StoreException.of(failure);
            if (cause.kind() == StoreException.Kind.LEASE_NOT_FOUND) {
                return Duration.ZERO;
            }
            throw cause;
        });
    }

    private long deadline() {
        return context.time().nanoTime() + context.options().requestTimeout().toNanos();
    }

    private <T> T answer(Function<Duration, CompletableFuture<T>> request, long deadline) {
        Duration timeout = context.until(deadline);
        CompletableFuture<T> answer = context.call(() -> request.apply(timeout));
        if (!Uninterruptible.await(context.time(), answer, timeout.plus(LATER))) {
            throw new StoreException(
                    StoreException.Kind.TIMEOUT, "no answer within " + timeout.toMillis() + " ms", null);
        }
        try {
            return answer.join();
        } catch (CompletionException | CancellationException failure) {
            throw StoreException.of(failure);
        }
    }
}
