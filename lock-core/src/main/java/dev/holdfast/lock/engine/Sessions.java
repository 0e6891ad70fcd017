package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.StoreException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The sessions of an engine: one for each TTL in use, shared by all its locks and granted when first needed, and one for each hold that
 * must not be renewed. Thread-safe.
 */
final class Sessions {

    private final EngineContext context;
    private final Consumer<Session.Orphan> onOrphan;
    private final Map<Duration, CompletableFuture<Session>> shared = new ConcurrentHashMap<>();
    /** In a fixed order, so that a simulation repeats itself. */
    private final Set<Session> live = new ConcurrentSkipListSet<>(Comparator.comparingLong(Session::leaseId));

    /** Those whose lease is not revoked yet, whether they live or have ended. */
    private final Set<Session> unrevoked = new ConcurrentSkipListSet<>(Comparator.comparingLong(Session::leaseId));

    /** Grants without answer and leases not yet revoked. */
    private final Set<CompletableFuture<?>> unfinished = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    Sessions(EngineContext context, Consumer<Session.Orphan> onOrphan) {
        this.context = context;
        this.onOrphan = onOrphan;
    }

    /** The session for these options; a failed grant fails this call and those that waited for the same, nothing later. */
    CompletableFuture<Session> obtain(LockOptions options) {
        if (!options.renew()) {
            return grant(options.ttl());
        }
        while (true) {
            CompletableFuture<Session> fresh = new CompletableFuture<>();
            CompletableFuture<Session> current = shared.putIfAbsent(options.ttl(), fresh);
            if (current == null) {
                grantInto(options.ttl(), fresh);
                return fresh;
            }
            Session session = current.isCompletedExceptionally() ? null : current.getNow(null);
            if (session == null || !session.ended()) {
                return current;
            }
            if (!session.buried().isDone()) {
                // Its holds are still being told; nobody may get a lock anew before they know.
                return session.buried().thenCompose(told -> obtain(options));
            }
            shared.remove(options.ttl(), current);
        }
    }

    /** Whether somebody's grant is under way that {@link #obtain} would wait for. */
    boolean granting(LockOptions options) {
        CompletableFuture<Session> current = options.renew() ? shared.get(options.ttl()) : null;
        return current != null && !current.isDone();
    }

    private void grantInto(Duration ttl, CompletableFuture<Session> target) {
        grant(ttl).whenComplete((session, failure) -> {
            if (session != null) {
                target.complete(session);
            } else {
                // Removed first: whoever sees the failure and tries again must get another grant.
                shared.remove(ttl, target);
                target.completeExceptionally(StoreException.of(failure));
            }
        });
    }

    private CompletableFuture<Session> grant(Duration ttl) {
        ClockReading sentAt = ClockReading.of(context.time());
        CompletableFuture<LeaseGrant> answer =
                context.call(() -> context.store().grant(ttl, context.options().requestTimeout()));
        CompletableFuture<Session> session = answer.thenApply(grant -> begin(grant, sentAt));
        awaitAtClose(session);
        return session;
    }

    private Session begin(LeaseGrant grant, ClockReading sentAt) {
        context.cluster().answeredBy(grant.clusterId());
        Session session = new Session(context, grant, sentAt, this::ended, onOrphan);
        live.add(session);
        unrevoked.add(session);
        session.revoked().whenComplete((done, impossible) -> unrevoked.remove(session));
        awaitAtClose(session.revoked());
        session.start();
        if (closed) {
            session.close(context.options().closeTimeout());
        } else {
            RegistryStatus.Session now = session.status();
            context.callbacks().tell(listener -> listener.sessionChanged(now));
        }
        return session;
    }

    private void ended(Session session) {
        live.remove(session);
        shared.values()
                .removeIf(future ->
                        future.isDone() && !future.isCompletedExceptionally() && session == future.getNow(null));
    }

    private void awaitAtClose(CompletableFuture<?> work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        unfinished.add(done);
        work.whenComplete((result, failure) -> {
            // Removed first: who waits for it looks at what is left.
            unfinished.remove(done);
            done.complete(null);
        });
    }

    void clusterChanged() {
        live.forEach(Session::clusterChanged);
    }

    int held() {
        return live.stream().mapToInt(session -> session.entries().held()).sum();
    }

    /** Ids of those that live, in hex. */
    Set<String> leases() {
        return live.stream().map(session -> Long.toHexString(session.leaseId())).collect(Collectors.toSet());
    }

    /** Somebody here has deleted that key: if it is one of ours, no audit needs to find that out. */
    void removed(String key) {
        for (Session session : live) {
            QueueEntry entry = session.entries().get(key);
            if (entry != null) {
                entry.reportedMissing(LockLoss.Reason.KEY_DELETED);
            }
        }
    }

    List<RegistryStatus.Session> status() {
        return live.stream().map(Session::status).toList();
    }

    /** For tests; the rest of it is told. */
    Footprint footprint(
            int queues,
            int threadHolds,
            int waiting,
            int candidacies,
            int observations,
            int nameWatches,
            int refusedCallbacks) {
        return new Footprint(
                queues,
                threadHolds,
                waiting,
                candidacies,
                observations,
                nameWatches,
                live.size(),
                shared.size(),
                unrevoked.size(),
                unfinished.size(),
                live.stream().mapToInt(session -> session.entries().size()).sum(),
                live.stream().mapToInt(session -> session.entries().guards()).sum(),
                refusedCallbacks);
    }

    /** Ends all sessions and revokes their leases; completes when nothing is left to be granted or revoked, never exceptionally. */
    CompletableFuture<Void> close(Duration timeout) {
        closed = true;
        unrevoked.forEach(session -> session.close(timeout));
        return finished();
    }

    /** Again and again, since a grant that ends leaves a lease to revoke. */
    private CompletableFuture<Void> finished() {
        CompletableFuture<?>[] now = unfinished.toArray(CompletableFuture[]::new);
        if (now.length == 0) {
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.allOf(now)
                .handle((done, failure) -> finished())
                .thenCompose(next -> next);
    }
}
