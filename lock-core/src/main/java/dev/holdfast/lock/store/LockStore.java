package dev.holdfast.lock.store;

import dev.holdfast.lock.StoreStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A store of revisioned keys with leases and watches. Thread-safe.
 *
 * <p>Every future completes: with an answer, or with a {@link StoreException}, at the latest when its timeout has passed or the store
 * is closed. A timeout does not undo: the request may still be executed later. Futures and watchers are called on I/O threads, or
 * on the calling thread before the method returns; what runs there must be short. Completing or cancelling a returned future from
 * outside has no effect on the request.
 */
public interface LockStore extends AutoCloseable {

    /** Executes the transaction at one revision. */
    CompletableFuture<TxnResult> txn(Txn txn, Duration timeout);

    /** Grants a lease; the answer tells the TTL, which may be longer than asked for. */
    CompletableFuture<LeaseGrant> grant(Duration ttl, Duration timeout);

    /** Renews the lease once. Fails with {@link StoreException.Kind#LEASE_NOT_FOUND} if the lease has ended. */
    CompletableFuture<LeaseGrant> keepAlive(long leaseId, Duration timeout);

    /** The keys attached to a lease. Fails with {@link StoreException.Kind#LEASE_NOT_FOUND} if the lease has ended. */
    CompletableFuture<LeaseKeys> leaseKeys(long leaseId, Duration timeout);

    /** The time that the store gives a lease still. Fails with {@link StoreException.Kind#LEASE_NOT_FOUND} if the lease has ended. */
    default CompletableFuture<Duration> remaining(long leaseId, Duration timeout) {
        return leaseKeys(leaseId, timeout).thenApply(LeaseKeys::remaining);
    }

    /** Ends the lease and deletes its keys; also succeeds if the lease had already ended. */
    CompletableFuture<Void> revoke(long leaseId, Duration timeout);

    /**
     * Watches a key or prefix from now on, never from the past. What it tells has happened, at the revision told; in the order of the
     * revisions, without a gap. But all of it can be late, a change can be told again at any time, and from any moment on the watch
     * can be silent for ever without a word. It ends with {@link Watcher#broken}; whoever still wants it starts another, which knows
     * nothing of what happened between the two.
     */
    Watch watch(KeyRange range, Watcher watcher);

    /**
     * Fetches fresh credentials, if the store uses any that expire. For after {@link StoreException.Kind#UNAUTHENTICATED}; calls at
     * the same time share one refresh.
     */
    CompletableFuture<Void> refreshCredentials(Duration timeout);

    CompletableFuture<StoreStatus> status(Duration timeout);

    /**
     * Says that nothing has succeeded for too long: the store may replace its connections. Cheap, returns at once, may be called
     * often.
     */
    void reconnect();

    /** Fails what is pending and frees the connections. Idempotent, bounded, does not revoke leases. */
    @Override
    void close();

    /** A running watch. */
    interface Watch {

        /** Ends the watch; no calls after those already under way. Idempotent. */
        void close();
    }

    /** Told of a watch; calls for one watch come one at a time. */
    interface Watcher {

        /**
         * The watch is in place: it tells, first to last, every change after what any request sent from now on can answer. Read now to
         * learn the state.
         */
        void ready();

        void changed(KeyChange change);

        /** The watch has ended and tells nothing more. Not called after {@link Watch#close()}. */
        void broken(StoreException cause);
    }
}
