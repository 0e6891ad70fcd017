package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an entry gets into the store: {@code OPENING} gets a session, {@code JOINING} sends the transaction that puts the entry. A join
 * without an answer leads through {@code RECONCILING}, after which no copy of it can do harm; only then is the name used again.
 * {@code PAUSED} waits before another attempt, with nothing in the store. {@code OVER} when the entry is in, or has no chance. Events
 * run in the name's mailbox.
 */
final class Admission {

    private enum Phase {
        OPENING,
        PAUSED,
        JOINING,
        RECONCILING,
        OVER
    }

    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(20);

    /** With the pauses between them a second and more: time to withdraw an entry, unless its process has died. */
    private static final int MOST_LOOKS_AT_ONE_WHO_LEAVES = 5;

    private final EngineContext context;
    private final Sessions sessions;
    private final Mailbox mailbox;
    private final Request request;
    private final QueueEntry entry;
    private final Backoff backoff;

    private Phase phase = Phase.OPENING;

    /** At this revision nobody who was there stood in the way; 0: not known of any. */
    private long readAt;

    private boolean readAll;

    /** An answer has shown who else is there. */
    private boolean turnedAway;

    /** Those who were there stood in the way. */
    private boolean blocked;

    private int looksAtOneWhoLeaves;
    private boolean credentialsRefreshed;

    /** The session comes of a grant that was sent before we asked: it may carry credentials older than ours. */
    private boolean anothersGrant;

    /** Given back by its holder and still in the store: it goes when we come. */
    private @Nullable QueueEntry left;

    private boolean afterHandOver;
    private long sentAt;
    private @Nullable StoreException lastFailure;
    private @Nullable Reconciliation reconciliation;
    private TimeSource.@Nullable Timer pause;

    Admission(EngineContext context, Sessions sessions, Mailbox mailbox, Request request, QueueEntry entry) {
        this.context = context;
        this.sessions = sessions;
        this.mailbox = mailbox;
        this.request = request;
        this.entry = entry;
        this.backoff = new Backoff(context.random());
    }

    /** Gets a session and joins; the entry hears {@code admitted}, {@code end}, {@code fail} or {@code finish}. */
    void start() {
        if (!request.wanted()) {
            entry.finish();
            return;
        }
        phase = Phase.OPENING;
        anothersGrant = sessions.granting(request.options);
        context.ask(() -> sessions.obtain(request.options), mailbox, this::opened);
    }

    /** As {@link #start}, in the place of that entry, which hears {@code replaced} once that is decided. */
    void startInsteadOf(QueueEntry other) {
        afterHandOver = true;
        sentAt = context.time().nanoTime();
        if (entry.attach(other.place().session())) {
            left = other;
            join();
        } else {
            other.replaced(false);
            start();
        }
    }

    /** Whether our process had the lock until a moment ago, and an answer is not overdue. */
    boolean promptAfterHandOver() {
        return afterHandOver && lastFailure == null && !context.passed(sentAt + QueueEntry.PROMPT.toNanos());
    }

    /** Whether it is others, and not trouble with the store, that kept it out so far. */
    boolean othersSeen() {
        return blocked && lastFailure == null;
    }

    /** Whether the caller who gave up can be let go at once: nothing is in the store or on its way there. */
    boolean idle() {
        return phase == Phase.OPENING || phase == Phase.PAUSED;
    }

    /** Why the last attempt failed; null if none has. */
    @Nullable
    StoreException lastFailure() {
        return lastFailure;
    }

    void stop() {
        phase = Phase.OVER;
        stopReconciling();
        if (pause != null) {
            pause.cancel();
        }
    }

    /** The session of the entry has ended. */
    void sessionEnded() {
        switch (phase) {
            case RECONCILING -> {
                stopReconciling();
                entry.detach();
                reconciled();
            }
            case PAUSED -> entry.detach();
            default -> {
                // JOINING: the answer decides; it is due within its timeout.
            }
        }
    }

    private void opened(@Nullable Session session, @Nullable StoreException failure) {
        if (phase != Phase.OPENING) {
            entry.discard(session);
        } else if (session == null) {
            refused(failure == null ? StoreException.of(new IllegalStateException("no session")) : failure);
        } else if (entry.attach(session)) {
            join();
        } else {
            pause();
        }
    }

    private void join() {
        phase = Phase.JOINING;
        QueueEntry.Place here = entry.place();
        long guard = here.session().guardRevision(here.protocol().guard());
        String value = entry.value();
        long watch = context.watches().inPlace(request.target.names().get(0));
        sentAt = context.time().nanoTime();
        context.txn(
                left != null
                        ? left.replacedBy(here.protocol(), guard, value)
                        : request.tryOnly || likelyAlone()
                                ? here.protocol().take(guard, value, readAt, readAll)
                                : here.protocol().join(guard, value, readAt),
                true,
                answerTimeout(),
                mailbox,
                (result, failure) -> joined(here, watch, result, failure));
    }

    /**
     * Whether nobody is thought to have the name: then it is taken if that is so, without reading what was just put, which would be
     * a seventh of what a cycle costs etcd. Whoever finds others there joins them with the next request.
     */
    private boolean likelyAlone() {
        return !turnedAway
                && request.target.kind().isExclusive()
                && !context.watches().contended(request.target.names().get(0));
    }

    private void joined(
            QueueEntry.Place here, long watch, @Nullable TxnResult result, @Nullable StoreException failure) {
        QueueEntry before = left;
        if (before != null) {
            left = null;
            before.replaced(result != null && result.succeeded());
        }
        if (phase != Phase.JOINING) {
            return;
        }
        if (failure != null) {
            notJoined(here, failure);
        } else if (result != null) {
            Protocol.Admitted answer = here.protocol().admitted(result);
            if (answer.in()) {
                entered(here, watch, result.revision(), answer.queues());
            } else {
                turnedAway(here, result, answer.queues());
            }
        }
    }

    private void notJoined(QueueEntry.Place here, StoreException failure) {
        lastFailure = failure;
        if (!failure.kind().definite()) {
            reconcile(here);
        } else if (failure.kind() == StoreException.Kind.LEASE_NOT_FOUND) {
            here.session().leaseGone();
            entry.detach();
            refused(failure);
        } else {
            refused(failure);
        }
    }

    private void entered(QueueEntry.Place here, long watch, long revision, List<OpResult.Keys> queues) {
        if (here.session().ended()) {
            // The entry dies with its lease; it holds nothing, but until then it stands before our next one.
            entry.detach();
            pause();
        } else {
            phase = Phase.OVER;
            entry.admitted(here, revision, queues, watch);
        }
    }

    private void turnedAway(QueueEntry.Place here, TxnResult result, List<OpResult.Keys> queues) {
        String guardKey = here.protocol().guard();
        long guard = Protocol.guardRevision(result);
        Standing standing = here.protocol().outside(queues);
        turnedAway = true;
        blocked = standing instanceof Standing.Blocked;
        if (here.protocol().ownEntryFound(result)) {
            reconcile(here);
        } else if (guard != here.session().guardRevision(guardKey)) {
            here.session().guardRevision(guardKey, guard);
            joinAgain();
        } else if (standing instanceof Standing.Disagreeing disagreeing) {
            if (disagreeing.passing() && looksAtOneWhoLeaves++ < MOST_LOOKS_AT_ONE_WHO_LEAVES) {
                pause();
            } else {
                entry.end(NameQueue.conflict(request, disagreeing));
            }
        } else if (standing instanceof Standing.Blocked && request.tryOnly) {
            entry.end(new Request.Outcome.Busy());
        } else if (standing instanceof Standing.Unclear) {
            readAll = true;
            joinAgain();
        } else {
            // Who is there is not in the way, as long as nobody joins them meanwhile.
            readAt = result.revision();
            joinAgain();
        }
    }

    private void joinAgain() {
        if (!request.wanted()) {
            entry.finish();
        } else if (context.passed(request.deadline)) {
            if (othersSeen()) {
                entry.end(new Request.Outcome.Busy());
            } else {
                // Turned away again and again by those who come at the same time, but nobody is known to be in the way.
                entry.fail();
            }
        } else if (entry.place().session().ended()) {
            entry.detach();
            pause();
        } else {
            join();
        }
    }

    /** A definite refusal: nothing is in the store. Tries again if that can help and the caller has time. */
    private void refused(StoreException failure) {
        lastFailure = failure;
        if (!request.wanted()) {
            entry.finish();
            return;
        }
        switch (failure.kind()) {
            case UNAUTHENTICATED -> {
                if (credentialsRefreshed && anothersGrant && !entry.attached() && !request.tryOnly) {
                    pause();
                } else if (credentialsRefreshed) {
                    entry.fail();
                } else {
                    phase = Phase.PAUSED;
                    context.ask(
                            () -> context.store()
                                    .refreshCredentials(context.options().requestTimeout()),
                            mailbox,
                            (done, failed) -> refreshed(failed));
                }
            }
            case PERMISSION_DENIED, INVALID, CLOSED -> entry.fail();
            case LEASE_NOT_FOUND -> pause();
            default -> {
                if (request.tryOnly) {
                    entry.fail();
                } else {
                    pause();
                }
            }
        }
    }

    /** Credentials that are refused although they are fresh are refused for good; a refresh without an answer says nothing. */
    private void refreshed(@Nullable StoreException failure) {
        credentialsRefreshed = failure == null || failure.kind().definite();
        if (phase != Phase.PAUSED) {
            return;
        }
        if (credentialsRefreshed) {
            resume();
        } else if (request.tryOnly) {
            entry.fail();
        } else {
            pause();
        }
    }

    private void pause() {
        if (!request.wanted()) {
            entry.finish();
            return;
        }
        phase = Phase.PAUSED;
        pause = context.after(backoff.next(), mailbox, this::resume);
    }

    private void resume() {
        if (phase != Phase.PAUSED) {
            return;
        }
        if (entry.attached() && !entry.place().session().ended()) {
            join();
        } else {
            entry.detach();
            start();
        }
    }

    private void reconcile(QueueEntry.Place here) {
        if (here.session().ended()) {
            entry.detach();
            reconciled();
            return;
        }
        phase = Phase.RECONCILING;
        reconciliation = new Reconciliation(context, mailbox, here.session(), here.protocol(), () -> {
            if (phase == Phase.RECONCILING) {
                reconciled();
            }
        });
        reconciliation.start();
    }

    private void reconciled() {
        reconciliation = null;
        if (request.tryOnly) {
            entry.fail();
        } else {
            pause();
        }
    }

    private void stopReconciling() {
        if (reconciliation != null) {
            reconciliation.stop();
            reconciliation = null;
        }
    }

    /** No longer than the caller waits: a request that was never sent must not be sent later. */
    private Duration answerTimeout() {
        Duration limit = context.options().requestTimeout();
        Duration left = context.until(request.deadline);
        Duration timeout = left.compareTo(limit) < 0 ? left : limit;
        return timeout.compareTo(SHORTEST_TIMEOUT) < 0 ? SHORTEST_TIMEOUT : timeout;
    }
}
