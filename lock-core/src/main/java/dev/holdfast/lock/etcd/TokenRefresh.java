package dev.holdfast.lock.etcd;

import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.GetOption;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Fetches a fresh token through jetcd, which keeps the token and offers no other way: a read of jetcd's own that fails for its token
 * makes jetcd forget it, and the next read logs in. Thread-safe; refreshes at the same time are one.
 */
final class TokenRefresh implements Watches.Refresh {

    private static final int READS = 2;

    private final ConnectionSettings settings;
    private final Supplier<Client> client;
    private final ScheduledExecutorService timers;
    private final AtomicReference<@Nullable CompletableFuture<Void>> running = new AtomicReference<>();
    private volatile long last = System.nanoTime() - TimeUnit.DAYS.toNanos(1);

    TokenRefresh(ConnectionSettings settings, Supplier<Client> client, ScheduledExecutorService timers) {
        this.settings = settings;
        this.client = client;
        this.timers = timers;
    }

    @Override
    public long last() {
        return last;
    }

    @Override
    public CompletableFuture<Void> start() {
        if (settings.login() == null) {
            return done();
        }
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> other = running.compareAndExchange(null, mine);
        if (other != null) {
            return other;
        }
        mine.whenComplete((done, failure) -> running.compareAndSet(mine, null));
        try {
            // Bounded whatever jetcd does: its futures can stay open for ever when its client is closed.
            Future<?> timer = timers.schedule(
                    () -> mine.completeExceptionally(
                            new StoreException(Kind.TIMEOUT, "Fetching fresh credentials took too long", null)),
                    READS * settings.timeout().toMillis() + 500,
                    TimeUnit.MILLISECONDS);
            mine.whenComplete((done, failure) -> timer.cancel(false));
        } catch (RejectedExecutionException closed) {
            mine.completeExceptionally(new StoreException(Kind.CLOSED, "The connection is closed", closed));
            return mine;
        }
        read(mine, READS);
        return mine;
    }

    /** Another client is in use from now on, and has just logged in. */
    void replaced() {
        last = System.nanoTime();
        CompletableFuture<Void> obsolete = running.getAndSet(null);
        if (obsolete != null) {
            obsolete.complete(null);
        }
    }

    private void read(CompletableFuture<Void> result, int left) {
        CompletableFuture<?> read;
        try {
            GetOption cheap = GetOption.builder()
                    .withSerializable(true)
                    .withKeysOnly(true)
                    .withLimit(1)
                    .build();
            read = client.get()
                    .getKVClient()
                    .get(ByteSequence.from(settings.keyPrefix(), StandardCharsets.UTF_8), cheap);
        } catch (RuntimeException closed) {
            result.completeExceptionally(closed);
            return;
        }
        read.whenComplete((answer, failure) -> {
            Status status = failure == null ? Status.OK : Status.fromThrowable(failure);
            boolean badToken = failure != null && Failures.kind(status) == Kind.UNAUTHENTICATED;
            if (badToken && left > 1) {
                read(result, left - 1);
            } else if (failure == null || (!badToken && Failures.answered(status))) {
                // "Permission denied" is fine: etcd knows who asks.
                last = System.nanoTime();
                result.complete(null);
            } else {
                result.completeExceptionally(Failures.of(status, "Fetching fresh credentials failed"));
            }
        });
    }

    @SuppressWarnings("NullAway") // Void has no other value
    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
