package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One entry of this process in the queue of a name, from the request to the moment when nothing of it is left.
 *
 * <p><b>Protocol.</b> {@code OPENING} gets a session; {@code JOINING} sends the transaction that puts the entry; {@code WAITING} until
 * it is first; {@code HELD}; {@code REMOVING} deletes it by its create revision. An unanswered join leads through {@code
 * RECONCILING}, after which no copy of it can do harm; only then is the name used again. {@code PAUSED} waits before another
 * attempt with nothing in the store.
 *
 * <p><b>Concurrency.</b> All events run in the mailbox of the name, so phases change one at a time. Grant, timeout, interrupt and
 * close are decided by whoever completes the request's outcome. The session tells its end from its own mailbox: the hold is lost
 * there and then, the rest follows as an event here.
 *
 * <p><b>Failure.</b> A caller who gave up is remembered in {@link Request#ending}; its outcome comes when the clean-up is done. Callers
 * bound that wait themselves.
 */
final class QueueEntry {

    private enum Phase {
        OPENING,
        PAUSED,
        JOINING,
        RECONCILING,
        WAITING,
        HELD,
        REMOVING,
        DONE
    }

    /** Where the entry is: its lease and keys. */
    record Place(Session session, Protocol protocol) {}

    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(20);

    private final EngineContext context;
    private final NameQueue queue;
    private final Sessions sessions;
    private final Mailbox mailbox;
    private final Request request;
    private final Backoff backoff;

    private Phase phase = Phase.OPENING;
    private long token;
    private long foreignKeysReadAt;
    private boolean credentialsRefreshed;
    private boolean verifying;
    private boolean lastRenewalAsked;
    private @Nullable StoreException lastFailure;
    private @Nullable PredecessorWait wait;
    private @Nullable PersistentTxn removal;
    private @Nullable Reconciliation reconciliation;
    private TimeSource.@Nullable Timer pause;

    // Read by the session and its audit on other threads:
    private volatile @Nullable Place place;
    private volatile @Nullable Hold hold;
    private volatile boolean placed;

    QueueEntry(EngineContext context, NameQueue queue, Sessions sessions, Request request) {
        this.context = context;
        this.queue = queue;
        this.sessions = sessions;
        this.mailbox = queue.mailbox();
        this.request = request;
        this.backoff = new Backoff(context.random());
    }

    void start() {
        open();
    }

    boolean serves(Request other) {
        return request == other;
    }

    /** Whether nobody waits for or holds the lock through this entry any more; only its clean-up is left. */
    boolean leaving() {
        return phase == Phase.REMOVING || (phase != Phase.HELD && !request.wanted());
    }

    /** Whether attempts have failed so far, and nobody is known to hold the lock. */
    boolean inTrouble() {
        return lastFailure != null && phase != Phase.HELD && phase != Phase.WAITING;
    }

    String key() {
        return here().protocol().entry();
    }

    /** Whether the store is known to have the entry. */
    boolean placed() {
        return placed;
    }

    boolean held() {
        Hold current = hold;
        return current != null && current.isHeld();
    }

    void giveUp(NameQueue.GivenUp why) {
        if (request.ending != null || phase == Phase.HELD) {
            return;
        }
        request.ending = why == NameQueue.GivenUp.TIMED_OUT && (phase != Phase.WAITING || request.tryOnly)
                ? new Request.Outcome.Failed(queue.unavailable(trouble(), lastFailure))
                : new Request.Outcome.Busy();
        switch (phase) {
            case OPENING, PAUSED -> finish();
            case WAITING -> remove();
            default -> {
                // An answer is due; it is dealt with when it comes.
            }
        }
    }

    /** The registry closes: no removal, since the lease is about to be revoked. */
    void close() {
        Hold current = hold;
        if (current != null) {
            current.lose(LockLoss.Reason.CLOSED, "the registry was closed");
        }
        if (request.ending == null) {
            request.ending = new Request.Outcome.Failed(NameQueue.closed(request.name));
        }
        finish();
    }

    void release() {
        mailbox.execute(() -> {
            if (phase == Phase.HELD) {
                remove();
            }
        });
    }

    /** Called by the session before another can exist. */
    void sessionEnded(Session session, LockLoss.Reason reason, String detail) {
        Hold current = hold;
        if (current != null) {
            current.lose(reason, detail);
        }
        mailbox.execute(() -> {
            Place here = place;
            if (here != null && here.session() == session) {
                afterSession(reason, detail);
            }
        });
    }

    /** An audit did not find the key; it may have looked a moment too early, so read before judging. */
    void reportedMissing() {
        mailbox.execute(() -> {
            if (placed && !verifying) {
                verifying = true;
                context.txn(
                        here().protocol().readEntry(),
                        false,
                        context.options().requestTimeout(),
                        mailbox,
                        (result, failure) -> verified(result));
            }
        });
    }

    private void open() {
        if (!request.wanted()) {
            finish();
            return;
        }
        phase = Phase.OPENING;
        context.ask(() -> sessions.obtain(request.options), mailbox, this::opened);
    }

    private void opened(@Nullable Session session, @Nullable StoreException failure) {
        if (phase != Phase.OPENING) {
            discard(session);
        } else if (session == null) {
            refused(failure == null ? StoreException.of(new IllegalStateException("no session")) : failure);
        } else {
            place = new Place(session, Protocol.of(context.keys(), request.name, session.leaseId()));
            if (session.register(this)) {
                join();
            } else {
                place = null;
                pause();
            }
        }
    }

    private void join() {
        phase = Phase.JOINING;
        Place here = here();
        long guard = here.session().guardRevision(request.name);
        String value = EntryValue.exclusive(
                context.options().owner(),
                request.thread,
                Instant.ofEpochMilli(context.time().wallMillis()),
                request.options.metadata());
        context.txn(
                request.tryOnly
                        ? here.protocol().take(guard, value, foreignKeysReadAt)
                        : here.protocol().join(guard, value),
                true,
                answerTimeout(),
                mailbox,
                (result, failure) -> joined(here, result, failure));
    }

    private void joined(Place here, @Nullable TxnResult result, @Nullable StoreException failure) {
        if (phase != Phase.JOINING) {
            return;
        }
        if (failure != null) {
            notJoined(here, failure);
        } else if (result != null && result.succeeded()) {
            entered(here, result);
        } else if (result != null) {
            turnedAway(here, result);
        }
    }

    private void notJoined(Place here, StoreException failure) {
        lastFailure = failure;
        if (!failure.kind().definite()) {
            reconcile(here);
        } else if (failure.kind() == StoreException.Kind.LEASE_NOT_FOUND) {
            here.session().leaseGone();
            detach();
            refused(failure);
        } else {
            refused(failure);
        }
    }

    private void entered(Place here, TxnResult result) {
        token = result.revision();
        placed = true;
        if (here.session().ended()) {
            // The entry dies with its lease; it holds nothing, but until then it stands before our next one.
            detach();
            pause();
        } else if (!request.wanted()) {
            remove();
        } else if (request.tryOnly) {
            grantAtOnce(here);
        } else {
            KeyValue predecessor = here.protocol().predecessor(result.keys(1), token);
            if (predecessor == null && !result.keys(1).more()) {
                grantAtOnce(here);
            } else {
                await(here, predecessor);
            }
        }
    }

    private void turnedAway(Place here, TxnResult result) {
        long guard = Protocol.guardRevision(result.keys(1));
        if (here.protocol().ownEntryFound(result)) {
            reconcile(here);
        } else if (guard != here.session().guardRevision(request.name)) {
            here.session().guardRevision(request.name, guard);
            joinAgain();
        } else if (request.tryOnly && !here.protocol().anyCompetitor(result.keys(2))) {
            // Only foreign keys below the name: they do not count, as long as nothing joins them meanwhile.
            foreignKeysReadAt = result.revision();
            joinAgain();
        } else {
            end(new Request.Outcome.Busy());
        }
    }

    private void joinAgain() {
        if (!request.wanted()) {
            finish();
        } else if (context.passed(request.deadline)) {
            end(new Request.Outcome.Busy());
        } else if (here().session().ended()) {
            detach();
            pause();
        } else {
            join();
        }
    }

    /** A definite refusal: nothing is in the store. Tries again if that can help and the caller has time. */
    private void refused(StoreException failure) {
        lastFailure = failure;
        if (!request.wanted()) {
            finish();
            return;
        }
        switch (failure.kind()) {
            case UNAUTHENTICATED -> {
                if (credentialsRefreshed) {
                    fail();
                } else {
                    credentialsRefreshed = true;
                    phase = Phase.PAUSED;
                    context.refreshCredentials(mailbox, this::resume);
                }
            }
            case PERMISSION_DENIED, INVALID, CLOSED -> fail();
            default -> {
                if (request.tryOnly && failure.kind() != StoreException.Kind.LEASE_NOT_FOUND) {
                    fail();
                } else {
                    pause();
                }
            }
        }
    }

    private void pause() {
        if (!request.wanted()) {
            finish();
            return;
        }
        phase = Phase.PAUSED;
        pause = context.after(backoff.next(), mailbox, this::resume);
    }

    private void resume() {
        if (phase != Phase.PAUSED) {
            return;
        }
        Place here = place;
        if (here != null && !here.session().ended()) {
            join();
        } else {
            detach();
            open();
        }
    }

    private void reconcile(Place here) {
        if (here.session().ended()) {
            detach();
            afterReconciliation();
            return;
        }
        phase = Phase.RECONCILING;
        reconciliation = new Reconciliation(context, mailbox, here.session(), here.protocol(), () -> {
            if (phase == Phase.RECONCILING) {
                afterReconciliation();
            }
        });
        reconciliation.start();
    }

    private void afterReconciliation() {
        reconciliation = null;
        if (request.tryOnly) {
            fail();
        } else {
            pause();
        }
    }

    private void await(Place here, @Nullable KeyValue predecessor) {
        phase = Phase.WAITING;
        Session session = here.session();
        PredecessorWait waiting = new PredecessorWait(
                context, mailbox, here.protocol(), token, session.timing().pollEvery(), new PredecessorWait.Verdict() {
                    @Override
                    public void first() {
                        grantAfterWait(here);
                    }

                    @Override
                    public void entryGone() {
                        lost(LockLoss.Reason.KEY_DELETED, "its entry was deleted while it waited");
                    }
                });
        wait = waiting;
        waiting.start(predecessor);
    }

    private void grantAtOnce(Place here) {
        if (!here.session().fitForGrant()) {
            // The process was stopped, or the clocks jumped, while the answer was on its way: confirm first, then look
            // again.
            here.session().renewNow();
            await(here, null);
            return;
        }
        if (!request.options.renew()) {
            here.session().stopRenewing();
        }
        grant(here);
    }

    private void grantAfterWait(Place here) {
        Session session = here.session();
        if (!session.fitForGrant()) {
            recheck(session);
        } else if (request.options.renew()) {
            grant(here);
        } else if (!lastRenewalAsked) {
            // A lease that is not renewed has aged while we waited: the hold gets its full TTL by one last renewal.
            lastRenewalAsked = true;
            session.renewOnceMore(() -> mailbox.execute(() -> {
                if (phase == Phase.WAITING) {
                    grant(here);
                }
            }));
        }
    }

    private void recheck(Session session) {
        if (wait != null) {
            wait.readAfter(session.timing().hedgeAfter());
        }
    }

    private void grant(Place here) {
        stopWaiting();
        phase = Phase.HELD;
        Hold granted = new Hold(context, this, here.session(), request, token);
        hold = granted;
        // Looked at after the hold is visible: either the session's end finds the hold, or we find the end.
        if (here.session().ended()) {
            lost(LockLoss.Reason.EXPIRED, "its lease ended at the moment it was granted");
        } else if (!request.outcome.complete(new Request.Outcome.Granted(granted))) {
            granted.discard();
            remove();
        }
    }

    private void verified(@Nullable TxnResult result) {
        verifying = false;
        if (result == null || !placed || (phase != Phase.HELD && phase != Phase.WAITING)) {
            return;
        }
        Place here = here();
        KeyValue found =
                result.keys(0).keys().isEmpty() ? null : result.keys(0).keys().get(0);
        if (found != null
                && found.createRevision() == token
                && found.leaseId() == here.protocol().leaseId()) {
            return;
        }
        boolean detached = found != null && found.createRevision() == token;
        String detail = detached ? "somebody wrote over its key" : "somebody deleted its key";
        Hold current = hold;
        if (current != null) {
            current.lose(LockLoss.Reason.KEY_DELETED, detail);
        }
        if (current == null && request.ending == null) {
            request.ending = new Request.Outcome.Failed(lostWhileWaiting(LockLoss.Reason.KEY_DELETED, detail));
        }
        if (detached) {
            // Written over without our lease it would outlive us.
            remove();
        } else {
            finish();
        }
    }

    private void afterSession(LockLoss.Reason reason, String detail) {
        switch (phase) {
            case WAITING -> lost(reason, detail);
            case HELD, REMOVING -> finish();
            case RECONCILING -> {
                detach();
                afterReconciliation();
            }
            case PAUSED -> detach();
            default -> {
                // JOINING: the answer decides; it is due within its timeout.
            }
        }
    }

    /** The place in the queue is gone while the caller waits for it. */
    private void lost(LockLoss.Reason reason, String detail) {
        end(new Request.Outcome.Failed(lostWhileWaiting(reason, detail)));
    }

    private Supplier<LockException> lostWhileWaiting(LockLoss.Reason reason, String detail) {
        LockLoss loss = new LockLoss(request.name, token, reason, "while waiting for it, " + detail);
        return () -> new LockLostException(loss);
    }

    private void fail() {
        end(new Request.Outcome.Failed(queue.unavailable(trouble(), lastFailure)));
    }

    private void end(Request.Outcome outcome) {
        if (request.ending == null) {
            request.ending = outcome;
        }
        finish();
    }

    private void remove() {
        stopWaiting();
        phase = Phase.REMOVING;
        placed = false;
        removal = new PersistentTxn(
                context,
                mailbox,
                here().session(),
                "Releasing lock '" + request.name + "'",
                here().protocol().remove(token),
                answer -> finish());
        removal.start();
    }

    private void finish() {
        if (phase == Phase.DONE) {
            return;
        }
        phase = Phase.DONE;
        placed = false;
        stopWaiting();
        if (removal != null) {
            removal.stop();
        }
        detach();
        if (request.ending != null) {
            request.outcome.complete(request.ending);
        }
        Hold current = hold;
        if (current != null) {
            current.gone();
        }
        queue.entryDone(this);
    }

    private void detach() {
        if (reconciliation != null) {
            reconciliation.stop();
            reconciliation = null;
        }
        Place here = place;
        if (here != null) {
            here.session().unregister(this);
            place = null;
            discard(here.session());
        }
        placed = false;
    }

    /** A session of our own ends with us; a shared one goes on. */
    private void discard(@Nullable Session session) {
        if (session != null && !request.options.renew()) {
            session.close(context.options().requestTimeout());
        }
    }

    private void stopWaiting() {
        if (wait != null) {
            wait.stop();
            wait = null;
        }
        if (pause != null) {
            pause.cancel();
        }
    }

    /** No longer than the caller waits: a request that was never sent must not be sent later. */
    private Duration answerTimeout() {
        Duration limit = context.options().requestTimeout();
        Duration left = context.until(request.deadline);
        Duration timeout = left.compareTo(limit) < 0 ? left : limit;
        return timeout.compareTo(SHORTEST_TIMEOUT) < 0 ? SHORTEST_TIMEOUT : timeout;
    }

    private String trouble() {
        StoreException failure = lastFailure;
        return failure == null ? "etcd did not answer in time" : String.valueOf(failure.getMessage());
    }

    private Place here() {
        Place here = place;
        if (here == null) {
            throw new IllegalStateException("Entry of lock '" + request.name + "' has no place in phase " + phase);
        }
        return here;
    }
}
