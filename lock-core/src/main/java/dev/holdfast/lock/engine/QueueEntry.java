package dev.holdfast.lock.engine;

import dev.holdfast.lock.LocalLock;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One entry of this process in the queue of a name, from the request to the moment when nothing of it is left.
 *
 * <p><b>Protocol.</b> {@code ENTERING} while its {@link Admission} puts it into the store; {@code WAITING} until it is first; {@code
 * HELD}; {@code REMOVING} deletes it by its create revision. {@code KEPT}: nobody holds it, but others must stay out until {@code
 * holdAtLeast} is over, see {@link Retention}.
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
        ENTERING,
        WAITING,
        HELD,
        KEPT,
        REMOVING,
        DONE
    }

    /** An answer of a store that is well takes less. */
    static final Duration PROMPT = Duration.ofMillis(100);

    // Not an AtomicReference for each: a process may have very many holds.
    private static final AtomicReferenceFieldUpdater<QueueEntry, @Nullable Hold> HOLD =
            AtomicReferenceFieldUpdater.newUpdater(QueueEntry.class, Hold.class, "hold");

    /** Where the entry is: its lease and keys. */
    record Place(Session session, Protocol protocol) {}

    private final EngineContext context;
    private final NameQueue queue;
    private final Mailbox mailbox;
    private final long slot;

    /** Null once it holds: nothing is asked of it any more. */
    private @Nullable Admission admission;

    /** Whose it is: after a hand-over another one's. */
    private Request request;

    private Kind kind;
    private long saidAt;
    private Phase phase = Phase.ENTERING;

    /** Create revision of its keys. */
    private long token;

    /** Revision of the last write to its keys, as far as we know. */
    private long writtenAt;

    private boolean verifying;
    private boolean lastRenewalAsked;

    /** Nobody is before us, but the lease is not confirmed well enough to hold. */
    private boolean first;

    private @Nullable TurnWait wait;
    private @Nullable PersistentTxn rewriting;
    private @Nullable PersistentTxn removal;
    private @Nullable MaxHoldWatch maxHoldWatch;
    private @Nullable Retention retention;

    /** Null until somebody may have the lock passed on. */
    private @Nullable Turn turn;

    /** When it was granted, and later when its removal began. */
    private long since;

    /** Whether others had the name before it was granted. */
    private boolean othersBefore;

    private boolean closing;

    // Read by the session and its audit on other threads:
    private volatile @Nullable Place place;
    private volatile @Nullable Hold hold;
    private volatile boolean placed;

    QueueEntry(EngineContext context, NameQueue queue, Sessions sessions, Request request, long slot) {
        this.slot = slot;
        this.context = context;
        this.queue = queue;
        this.mailbox = queue.mailbox();
        this.request = request;
        this.kind = request.target.kind();
        this.admission = new Admission(context, sessions, mailbox, request, this);
    }

    void start() {
        admission().start();
    }

    private Admission admission() {
        return Objects.requireNonNull(admission);
    }

    /** Goes into the store in the same moment as that entry, which was given back, goes out of it. */
    void startInsteadOf(QueueEntry left) {
        admission().startInsteadOf(left);
    }

    boolean serves(Request other) {
        return request == other;
    }

    /** Whether nobody waits for or holds the lock through this entry any more; only its clean-up is left. */
    boolean leaving() {
        if (retention != null && phase == Phase.KEPT) {
            return retention.ending();
        }
        return phase == Phase.REMOVING || (phase != Phase.HELD && !request.wanted());
    }

    /** Whether it is trouble with the store that keeps others of this process from their turn. */
    boolean inTrouble() {
        return switch (phase) {
            case ENTERING ->
                admission().lastFailure() != null
                        || (!request.wanted() && !admission().promptAfterHandOver());
            case REMOVING -> leavingFor().compareTo(PROMPT) > 0;
            default -> leaving();
        };
    }

    private Duration leavingFor() {
        return Duration.ofNanos(context.time().nanoTime() - since);
    }

    /** Of the mailbox: what it wants of its name, or has become. */
    Kind kind() {
        return kind;
    }

    /** Tells its keys apart from those of the other entries of this process on a name. */
    long slot() {
        return slot;
    }

    /** Of the mailbox: whether it stands in the store and waits for others. */
    boolean waits() {
        return phase == Phase.WAITING && request.wanted();
    }

    /** Of the mailbox: whether its holder has not given it back, nor heard of a loss. */
    boolean holds() {
        Hold current = hold;
        return phase == Phase.HELD && current != null && !current.ended();
    }

    /** Of the mailbox: the hold, or the request that waits for one; empty if only its clean-up is left. */
    Optional<LocalLock> local() {
        Hold current = hold;
        if (current != null) {
            return holds() ? Optional.of(current.local()) : Optional.empty();
        }
        return request.wanted() ? Optional.of(request.local(context.time().nanoTime())) : Optional.empty();
    }

    /** Of the mailbox: whether its place in the store is beyond doubt, and somebody wants it. A process that was stopped knows little. */
    boolean settled() {
        return switch (phase) {
            case HELD -> held();
            case KEPT -> retention != null && retention.certain();
            case WAITING -> waits() && place().session().trusted();
            default -> false;
        };
    }

    /** Create revision of its keys, once it is admitted. */
    long createdAt() {
        return token;
    }

    List<String> keys() {
        return place().protocol().entries();
    }

    /** Of the mailbox: what it is to say in the store from now on. */
    String value() {
        saidAt = context.time().wallMillis();
        return said();
    }

    /** The same again: kept are thousands of holds, so not also what each of them said. */
    private String said() {
        return request.value != null
                ? request.value
                : EntryValue.of(
                        kind,
                        context.options().owner(),
                        request.thread,
                        Instant.ofEpochMilli(saidAt),
                        request.options.metadata());
    }

    /** Whether the store is known to have the entry. */
    boolean placed() {
        return placed;
    }

    /** Of the mailbox: whether it is, and stays, at another key. */
    boolean placedApartFrom(Session.Orphan orphan) {
        if (!LockKeys.tail(orphan.session().leaseId(), slot).equals(orphan.tail())) {
            return true;
        }
        Place here = place;
        return here != null && here.session() != orphan.session() && (phase == Phase.WAITING || phase == Phase.HELD);
    }

    boolean held() {
        Hold current = hold;
        return current != null && current.isHeld();
    }

    void giveUp(NameQueue.GivenUp why) {
        if (request.ending != null || phase == Phase.HELD || phase == Phase.KEPT) {
            return;
        }
        boolean unanswered = first
                || (phase == Phase.ENTERING
                        && !admission().promptAfterHandOver()
                        && !admission().othersSeen());
        request.ending = why == NameQueue.GivenUp.TIMED_OUT && unanswered ? unavailable() : new Request.Outcome.Busy();
        if (phase == Phase.WAITING) {
            remove();
        } else if (phase == Phase.ENTERING && admission().idle()) {
            finish();
        }
        // Otherwise an answer is due, and what it needs is done when it comes.
    }

    /** The registry closes: no removal, since the lease is about to be revoked, as soon as nothing must be kept on it. */
    void close() {
        closing = true;
        Hold current = hold;
        if (current != null) {
            current.lose(LockLoss.Reason.CLOSED, "the registry was closed");
        }
        if (phase == Phase.HELD && current != null && current.caps().owing()) {
            keep(current);
            return;
        }
        if (phase == Phase.KEPT && retention != null && !retention.moved()) {
            return;
        }
        end(new Request.Outcome.Failed(NameQueue.closed(request.name)));
    }

    /** That hold has ended; if the lock was passed on since, nothing is to be done for it. */
    void release(Hold ended) {
        mailbox.execute(() -> {
            // Not compared with the hold: a downgrade that fails puts another in its place for a moment.
            if (phase != Phase.HELD || !ended.isFor(request)) {
                return;
            }
            if (ended.caps().owing()) {
                keep(ended);
            } else if (!passOn(ended)) {
                remove();
            }
        });
    }

    /**
     * Passes the lock on to the next request of this process, without a word to the store, or has that one queue at the end in its place
     * if others must come first now. False if neither can be.
     */
    private boolean passOn(Hold ended) {
        if (closing || verifying || !ended.released() || !kind.isExclusive()) {
            return false;
        }
        QueueEntry.Place here = place();
        for (Request next = queue.nextLike(request); next != null; next = queue.nextLike(request)) {
            if (!here.session().fitForGrant()) {
                return false;
            }
            Turn now = turn();
            if (!now.goesOn()) {
                if (context.until(next.deadline).compareTo(PROMPT) < 0) {
                    // A release does not hang on the little time that somebody else has left.
                    return false;
                }
                leave();
                queue.enterInsteadOf(this, next);
                return true;
            }
            if (passOn(ended, next, here)) {
                now.passedOn(here, token, () -> reportedMissing(LockLoss.Reason.KEY_DELETED));
                return true;
            }
        }
        return false;
    }

    private Turn turn() {
        Turn known = turn;
        if (known == null) {
            known = new Turn(context, mailbox, since, othersBefore);
            turn = known;
        }
        return known;
    }

    private boolean passOn(Hold ended, Request next, Place here) {
        Hold passed = new Hold(context, this, here.session(), next, Hold.NO_TOKEN);
        hold = passed;
        // Looked at after the hold is visible: either the session's end finds the hold, or we find the end.
        if (here.session().ended()) {
            takeBack(passed, ended);
            return false;
        }
        queue.taken(next);
        if (!next.outcome.complete(new Request.Outcome.Granted(passed))) {
            // It gave up in this moment.
            takeBack(passed, ended);
            return false;
        }
        request = next;
        stopWatchingCaps();
        watchCaps();
        ended.gone();
        return true;
    }

    private void takeBack(Hold passed, Hold ended) {
        passed.discard();
        hold = ended;
        // A close may wait for it, if it saw it.
        passed.gone();
    }

    /** Draws the fencing token of a hold that was passed on; 0 if the hold has ended. */
    void drawToken(Hold asking, CompletableFuture<Long> answer) {
        mailbox.execute(() -> {
            Place here = place;
            if (here == null) {
                answer.complete(Hold.NO_TOKEN);
                return;
            }
            new TokenDraw(context, mailbox, here, token, answer, new TokenDraw.Owner() {
                        @Override
                        public boolean current() {
                            return phase == Phase.HELD && hold == asking && !asking.ended();
                        }

                        @Override
                        public long writtenAt() {
                            return writtenAt;
                        }

                        @Override
                        public void writtenAt(long revision) {
                            writtenAt = Math.max(writtenAt, revision);
                        }

                        @Override
                        public String value() {
                            return QueueEntry.this.value();
                        }

                        @Override
                        public void missing() {
                            asking.keyGone("somebody deleted its key");
                        }

                        @Override
                        public void leaseGone() {
                            asking.leaseGone();
                        }
                    })
                    .start();
        });
    }

    /** The request of its successor. */
    Txn replacedBy(Protocol successor, long guardRevision, String value) {
        return successor.joinInsteadOf(place().protocol().entries().get(0), token, guardRevision, value);
    }

    /** What was given back went out of the store when its successor came in; otherwise it is removed by itself. */
    void replaced(boolean out) {
        if (phase == Phase.REMOVING && removal == null) {
            if (out) {
                finish();
            } else {
                remove();
            }
        }
    }

    /** The next is the one to be told of a loss from now on; false if that was not the first. */
    boolean succeed(Hold first, Hold next) {
        return HOLD.compareAndSet(this, first, next);
    }

    /** A write hold has become a read hold: others are told so in the store. */
    void share(Hold writeHold, Hold readHold) {
        mailbox.execute(() -> {
            if (phase != Phase.HELD || hold != readHold) {
                // Over by now, perhaps passed on, and with it the write hold.
                return;
            }
            kind = Kind.SHARED;
            watchCaps();
            tellShared(writeHold);
            queue.entryShared();
        });
    }

    private void tellShared(Hold writeHold) {
        Protocol protocol = place().protocol();
        rewriting = new PersistentTxn(
                context,
                mailbox,
                place().session(),
                "Downgrading lock '" + request.name + "'",
                protocol.rewrite(writtenAt, value()),
                answer -> {
                    long lastWrite = answer.succeeded() ? answer.revision() : protocol.writtenAt(answer, token);
                    writtenAt = Math.max(writtenAt, lastWrite);
                    if (answer.succeeded() || lastWrite == 0) {
                        writeHold.gone();
                    } else {
                        // The draw of a token came between, or this was done but not answered; again does no harm.
                        tellShared(writeHold);
                    }
                });
        rewriting.start();
    }

    /** From now on the caps of the hold are others, or have passed. */
    void capsChanged() {
        mailbox.execute(this::watchCaps);
    }

    private void watchCaps() {
        Hold current = hold;
        if (phase != Phase.HELD || current == null) {
            return;
        }
        if (maxHoldWatch == null && current.caps().limited()) {
            maxHoldWatch = new MaxHoldWatch(
                    context, mailbox, place().session().timing().margin(), this::release);
        }
        if (maxHoldWatch != null) {
            maxHoldWatch.look(current);
        }
    }

    /** Completes when the session's lease is needed no more to keep others out; null if it is not needed for that. */
    @Nullable
    CompletableFuture<Void> keeping() {
        Hold current = hold;
        return current == null ? null : current.keeping();
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

    /** An audit did not find the key, or not even the lease; it may have looked a moment too early, so read before judging. */
    void reportedMissing(LockLoss.Reason reason) {
        mailbox.execute(() -> {
            if (!verifying) {
                verify(reason);
            }
        });
    }

    private void verify(LockLoss.Reason reason) {
        verifying = placed;
        if (placed) {
            context.txn(
                    place().protocol().readEntry(),
                    false,
                    context.options().requestTimeout(),
                    mailbox,
                    (result, failure) -> verified(reason, result));
        }
    }

    /** Takes its place on a session; false if that has ended. */
    boolean attach(Session session) {
        place = new Place(session, Protocol.of(context.keys(), kind, request.target.names(), session.leaseId(), slot));
        if (session.register(this)) {
            return true;
        }
        place = null;
        return false;
    }

    boolean attached() {
        return place != null;
    }

    Place place() {
        Place here = place;
        if (here == null) {
            throw new IllegalStateException("Entry of lock '" + request.name + "' has no place in phase " + phase);
        }
        return here;
    }

    void detach() {
        Place here = place;
        if (here != null) {
            here.session().unregister(this);
            place = null;
            discard(here.session());
        }
        placed = false;
    }

    /** A session of our own ends with us; a shared one goes on. */
    void discard(@Nullable Session session) {
        // One that has expired keeps its margin before it is revoked.
        if (session != null && !request.options.renew() && !session.ended()) {
            session.close(context.options().requestTimeout());
        }
    }

    /**
     * The store has the entry since that revision, and the session lives.
     *
     * @param watch the name's watch that was in place before the entry was sent, see {@link NameWatches}; 0: none
     */
    void admitted(Place here, long revision, List<OpResult.Keys> queues, long watch) {
        token = revision;
        writtenAt = revision;
        placed = true;
        Standing standing = here.protocol().standing(queues, token);
        if (!request.wanted()) {
            remove();
        } else if (standing instanceof Standing.Free) {
            grantAtOnce(here);
        } else if (standing instanceof Standing.Disagreeing disagreeing) {
            withdraw(NameQueue.conflict(request, disagreeing));
        } else {
            await(here, standing, watch);
        }
    }

    void fail() {
        end(unavailable());
    }

    void end(Request.Outcome outcome) {
        if (request.ending == null) {
            request.ending = outcome;
        }
        finish();
    }

    /** Nothing is left of the entry, or its lease has ended. */
    void finish() {
        if (phase == Phase.DONE) {
            return;
        }
        phase = Phase.DONE;
        if (admission != null) {
            admission.stop();
        }
        stopWaiting();
        stopRewriting();
        stopWatchingCaps();
        if (removal != null) {
            removal.stop();
        }
        if (retention != null) {
            retention.stop();
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

    private void await(Place here, Standing standing, long watch) {
        phase = Phase.WAITING;
        Session session = here.session();
        TurnWait waiting = new TurnWait(
                context, mailbox, here.protocol(), token, session.timing().pollEvery(), new TurnWait.Verdict() {
                    @Override
                    public void free(long revision) {
                        grantAfterWait(here, revision);
                    }

                    @Override
                    public void disagreeing(Standing.Disagreeing with) {
                        withdraw(NameQueue.conflict(request, with));
                    }

                    @Override
                    public void entryGone(boolean wholly) {
                        Request.Outcome outcome = new Request.Outcome.Failed(
                                lostWhileWaiting(LockLoss.Reason.KEY_DELETED, "its entry was deleted while it waited"));
                        if (wholly) {
                            end(outcome);
                        } else {
                            withdraw(outcome);
                        }
                    }
                });
        wait = waiting;
        waiting.start(standing, watch);
        queue.entryWaits();
    }

    private void grantAtOnce(Place here) {
        boolean fit = here.session().fitForGrant();
        if (!fit || queue.contradicts(this)) {
            // The process was stopped, or the clocks jumped, while the answer was on its way: confirm first, then look
            // again.
            first = true;
            if (!fit) {
                here.session().renewNow();
            }
            await(here, Standing.UNCLEAR, 0);
            return;
        }
        if (!request.options.renew()) {
            here.session().stopRenewing();
        }
        grant(here, token);
    }

    /** @param revision at which nobody stood before us any more */
    private void grantAfterWait(Place here, long revision) {
        Session session = here.session();
        first = true;
        if (!session.fitForGrant() || queue.contradicts(this)) {
            recheck(session);
        } else if (request.options.renew()) {
            othersBefore = true;
            grant(here, tokenAfterWait(revision));
        } else if (!lastRenewalAsked) {
            // A lease that is not renewed has aged while we waited: the hold gets its full TTL by one last renewal.
            lastRenewalAsked = true;
            session.renewOnceMore(() -> mailbox.execute(() -> {
                if (phase == Phase.WAITING) {
                    grant(here, tokenAfterWait(revision));
                }
            }));
        }
    }

    private void recheck(Session session) {
        if (wait != null) {
            wait.readAfter(session.timing().hedgeAfter());
        }
    }

    /**
     * Those before us may have drawn tokens since we joined, which are greater than our create revision but not than the revision at
     * which they were gone. Permits fence nothing and candidates draw none: theirs says when they joined.
     */
    private long tokenAfterWait(long revision) {
        return kind.isSemaphore() || request.value != null ? token : revision;
    }

    private void grant(Place here, long fencingToken) {
        stopWaiting();
        phase = Phase.HELD;
        since = context.time().nanoTime();
        admission = null;
        Hold granted = new Hold(context, this, here.session(), request, fencingToken);
        hold = granted;
        // Looked at after the hold is visible: either the session's end finds the hold, or we find the end.
        if (here.session().ended()) {
            lost(LockLoss.Reason.EXPIRED, "its lease ended at the moment it was granted");
        } else if (!request.outcome.complete(new Request.Outcome.Granted(granted))) {
            granted.discard();
            remove();
        } else {
            watchCaps();
            queue.entryHolds(this);
        }
    }

    /** The hold has ended, but others must stay out for a while. */
    private void keep(Hold ended) {
        stopWatchingCaps();
        stopRewriting();
        phase = Phase.KEPT;
        // On its way to another lease: no audit shall miss it on the one of the session.
        placed = false;
        Protocol protocol = place().protocol();
        Retention keeping = new Retention(
                context,
                mailbox,
                request.name,
                ended.caps().keptUntil(),
                lease -> protocol.move(token, said(), lease),
                new Retention.Owner() {
                    @Override
                    public void moved() {
                        detach();
                        ended.gone();
                        if (closing) {
                            finish();
                        }
                    }

                    @Override
                    public void refused() {
                        // Of several names the others are there still.
                        remove();
                    }

                    @Override
                    public void overdue() {
                        remove();
                    }

                    @Override
                    public void over() {
                        finish();
                    }
                });
        retention = keeping;
        keeping.start();
    }

    private void stopWatchingCaps() {
        if (maxHoldWatch != null) {
            maxHoldWatch.stop();
            maxHoldWatch = null;
        }
    }

    /** The caller gets this outcome as soon as nothing is left of the entry. */
    private void withdraw(Request.Outcome outcome) {
        if (request.ending == null) {
            request.ending = outcome;
        }
        remove();
    }

    private void verified(LockLoss.Reason reason, @Nullable TxnResult result) {
        if (!placed || (phase != Phase.HELD && phase != Phase.WAITING)) {
            verifying = false;
            return;
        }
        if (result == null) {
            // Still verifying meanwhile: what later audits report must not start another chain of repetitions.
            context.after(place().session().timing().hedgeAfter(), mailbox, () -> verify(reason));
            return;
        }
        verifying = false;
        Place here = place();
        List<KeyValue> found = here.protocol().own(result, token);
        boolean ours =
                found.stream().allMatch(key -> key.leaseId() == here.protocol().leaseId());
        if (ours && found.size() == request.target.names().size()) {
            return;
        }
        boolean detached = !ours;
        LockLoss.Reason cause = detached ? LockLoss.Reason.KEY_DELETED : reason;
        String detail = detached
                ? "somebody wrote over its key"
                : cause == LockLoss.Reason.LEASE_GONE ? "etcd ended its lease" : "somebody deleted its key";
        Hold current = hold;
        if (current != null) {
            current.lose(cause, detail);
        }
        if (current == null && request.ending == null) {
            request.ending = new Request.Outcome.Failed(lostWhileWaiting(cause, detail));
        }
        if (!found.isEmpty()) {
            // Written over without our lease it would outlive us; and of several keys the others are there still.
            remove();
        } else {
            finish();
        }
    }

    private void afterSession(LockLoss.Reason reason, String detail) {
        switch (phase) {
            case ENTERING -> admission().sessionEnded();
            case WAITING -> lost(reason, detail);
            case HELD, KEPT, REMOVING -> finish();
            case DONE -> {
                // Nothing of it is left.
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

    private void leave() {
        stopWaiting();
        stopRewriting();
        stopWatchingCaps();
        phase = Phase.REMOVING;
        since = context.time().nanoTime();
        placed = false;
    }

    private void remove() {
        leave();
        removal = new PersistentTxn(
                context,
                mailbox,
                place().session(),
                "Releasing lock '" + request.name + "'",
                place().protocol().remove(token),
                answer -> finish());
        removal.start();
    }

    private void stopRewriting() {
        if (rewriting != null) {
            rewriting.stop();
            rewriting = null;
        }
    }

    private void stopWaiting() {
        if (wait != null) {
            wait.stop();
            wait = null;
        }
    }

    private Request.Outcome unavailable() {
        StoreException failure = admission == null ? null : admission.lastFailure();
        String trouble = failure == null ? "etcd did not answer in time" : String.valueOf(failure.getMessage());
        return new Request.Outcome.Failed(NameQueue.unavailable(request.name, trouble, failure));
    }
}
