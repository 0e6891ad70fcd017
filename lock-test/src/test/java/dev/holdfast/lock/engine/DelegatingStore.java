package dev.holdfast.lock.engine;

import dev.holdfast.lock.StoreStatus;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.LeaseKeys;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A store that is another one, for tests that change some of it. */
class DelegatingStore implements LockStore {

    private final LockStore target;

    DelegatingStore(LockStore target) {
        this.target = target;
    }

    @Override
    public CompletableFuture<TxnResult> txn(Txn txn, Duration timeout) {
        return target.txn(txn, timeout);
    }

    @Override
    public CompletableFuture<LeaseGrant> grant(Duration ttl, Duration timeout) {
        return target.grant(ttl, timeout);
    }

    @Override
    public CompletableFuture<LeaseGrant> keepAlive(long leaseId, Duration timeout) {
        return target.keepAlive(leaseId, timeout);
    }

    @Override
    public CompletableFuture<LeaseKeys> leaseKeys(long leaseId, Duration timeout) {
        return target.leaseKeys(leaseId, timeout);
    }

    @Override
    public CompletableFuture<Void> revoke(long leaseId, Duration timeout) {
        return target.revoke(leaseId, timeout);
    }

    @Override
    public Watch watch(KeyRange range, Watcher watcher) {
        return target.watch(range, watcher);
    }

    @Override
    public CompletableFuture<Void> refreshCredentials(Duration timeout) {
        return target.refreshCredentials(timeout);
    }

    @Override
    public CompletableFuture<StoreStatus> status(Duration timeout) {
        return target.status(timeout);
    }

    @Override
    public void reconnect() {
        target.reconnect();
    }

    @Override
    public void close() {
        target.close();
    }
}
