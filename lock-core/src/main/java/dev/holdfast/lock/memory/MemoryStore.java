package dev.holdfast.lock.memory;

import dev.holdfast.lock.StoreStatus;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.LeaseKeys;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** One client of a {@link MemoryServer}: answers at once, on the calling thread. */
final class MemoryStore implements LockStore {

    private final MemoryServer server;
    private final TimeSource time;
    private volatile boolean closed;

    MemoryStore(MemoryServer server, TimeSource time) {
        this.server = server;
        this.time = time;
    }

    @Override
    public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
        return answer(() -> server.txn(txn));
    }

    @Override
    public CompletableFuture<LeaseGrant> grant(Duration ttl, Duration timeout) {
        return answer(() -> server.grant(ttl));
    }

    @Override
    public CompletableFuture<LeaseGrant> keepAlive(long leaseId, Duration timeout) {
        return answer(() -> server.keepAlive(leaseId));
    }

    @Override
    public CompletableFuture<LeaseKeys> leaseKeys(long leaseId, Duration timeout) {
        return answer(() -> server.leaseKeys(leaseId));
    }

    @Override
    public CompletableFuture<Void> revoke(long leaseId, Duration timeout) {
        return answer(() -> {
                    server.revoke(leaseId);
                    return true;
                })
                .thenAccept(done -> {});
    }

    @Override
    public Watch watch(KeyRange range, Watcher watcher) {
        if (closed) {
            MemoryWatch dead = new MemoryWatch(range, watcher, ended -> {});
            time.schedule(Duration.ZERO, () -> dead.broken(closedFailure()));
            return dead;
        }
        return server.watch(range, watcher);
    }

    @Override
    public CompletableFuture<Void> refreshCredentials(Duration timeout) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<StoreStatus> status(Duration timeout) {
        return answer(() -> new StoreStatus("memory", true, Duration.ZERO));
    }

    @Override
    public void reconnect() {
        // There is no connection.
    }

    @Override
    public void close() {
        closed = true;
    }

    private <T> CompletableFuture<T> answer(Supplier<T> operation) {
        if (closed) {
            return CompletableFuture.failedFuture(closedFailure());
        }
        try {
            return CompletableFuture.completedFuture(operation.get());
        } catch (StoreException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    private static StoreException closedFailure() {
        return new StoreException(StoreException.Kind.CLOSED, "the store is closed", null);
    }
}
