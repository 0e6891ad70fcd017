package dev.holdfast.lock.engine;

import dev.holdfast.lock.LocalLock;
import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.ReleaseMode;
import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One hold as its holder sees it. Ends once: whoever sets {@link #ended} first, a release or a loss, decides. What etcd knows of it
 * follows through its {@link QueueEntry}.
 */
final class Hold implements LockHandle {

    /** How it ended; without a loss it was released. */
    private record End(@Nullable LockLoss loss) {}

    private static final End RELEASED = new End(null);

    // Not an AtomicReference for each: a process may have very many holds.
    private static final AtomicReferenceFieldUpdater<Hold, @Nullable End> ENDED =
            AtomicReferenceFieldUpdater.newUpdater(Hold.class, End.class, "ended");

    /** Of a hold that was passed on, until its token is drawn. */
    static final long NO_TOKEN = 0;

    private final EngineContext context;
    private final QueueEntry entry;
    private final Session session;
    private final Request request;
    private final String key;
    private final Kind kind;
    private volatile long token;

    /** Null if it has its token from the start. */
    private final @Nullable AtomicReference<@Nullable CompletableFuture<Long>> draw;

    /** Whether somebody was told by which condition the store shows this hold: it would show the same if the hold was passed on. */
    private volatile boolean shown;

    private final long heldSince;
    private final HoldCaps caps;
    private final @Nullable HoldEvents events;
    private volatile @Nullable End ended;
    private final CompletableFuture<LockLoss> lost = new CompletableFuture<>();

    /** The write hold that this read hold was; its release is over when this one's downgrade is, or this one itself. */
    private final @Nullable Hold before;

    /** Completes when it has ended, in whatever way. Never given out, as the next: users' code must not run where it is completed. */
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    private final CompletableFuture<Void> gone = new CompletableFuture<>();

    Hold(EngineContext context, QueueEntry entry, Session session, Request request, long token) {
        this(context, entry, session, request, entry.keys().get(0), token, request.target.kind(), null);
    }

    private Hold(
            EngineContext context,
            QueueEntry entry,
            Session session,
            Request request,
            String key,
            long token,
            Kind kind,
            @Nullable Hold before) {
        this.context = context;
        this.entry = entry;
        this.session = session;
        this.request = request;
        this.kind = kind;
        this.before = before;
        this.key = key;
        this.token = token;
        this.draw = token == NO_TOKEN ? new AtomicReference<>() : null;
        this.heldSince = context.time().nanoTime();
        this.caps = before == null ? new HoldCaps(context.time(), heldSince, request.options) : before.caps.goingOn();
        this.events = HoldEvents.of(context.callbacks());
        Duration waited = before == null ? Duration.ofNanos(heldSince - request.startedAt) : Duration.ZERO;
        tellLater(listener -> listener.acquired(this, request.options, waited));
    }

    /** The caller has it: from now on the listeners are told. On the caller's thread. */
    void announce() {
        if (events != null) {
            events.open();
            events.tellHere();
        }
    }

    private void tellLater(Consumer<LockListener> event) {
        if (events != null) {
            events.add(event);
        }
    }

    private void tellHere() {
        if (events != null) {
            events.tellHere();
        }
    }

    private void tellSoon() {
        if (events != null) {
            context.callbacks().tellSoon(events::tellHere);
        }
    }

    /** The caller no longer wanted it; nobody is told. */
    void discard() {
        if (ENDED.compareAndSet(this, null, RELEASED)) {
            over.complete(null);
        }
        caps.waive();
    }

    /** Takes back a hold that nobody got to know of. */
    void abandon() {
        discard();
        entry.release(this);
    }

    /** Releases a hold that its caller never saw, and which so keeps nobody out. */
    void takeBack() {
        caps.waive();
        releaseAsync();
    }

    void lose(LockLoss.Reason reason, String detail) {
        LockLoss loss = new LockLoss(request.name, token, reason, detail);
        if (ENDED.compareAndSet(this, null, new End(loss))) {
            caps.settle();
            Duration held = heldFor();
            if (isOfItsOwn(reason)) {
                context.losses().lost(loss, request.thread, held);
            }
            tellLater(listener -> listener.lost(this, request.options, loss, held));
            over.complete(null);
            // On it hang the interrupt of the body and the like, which must not wait for a listener.
            context.callbacks().run(() -> lost.complete(loss));
            tellSoon();
        }
    }

    /** Whether no other lock is lost with it, so that nobody else names it in the log. */
    private boolean isOfItsOwn(LockLoss.Reason reason) {
        return reason == LockLoss.Reason.KEY_DELETED
                || reason == LockLoss.Reason.MAX_HOLD
                || (!request.options.renew() && reason != LockLoss.Reason.CLOSED);
    }

    /** Somebody saw that its entry is not there any more, or is not its own. */
    void keyGone(String detail) {
        lose(LockLoss.Reason.KEY_DELETED, detail);
        entry.reportedMissing(LockLoss.Reason.KEY_DELETED);
    }

    /** Somebody was told that its lease has ended. */
    void leaseGone() {
        lose(LockLoss.Reason.LEASE_GONE, "etcd ended its lease");
        session.leaseGone();
    }

    /** Nothing of the hold is left in etcd that depends on this process, or its lease has ended. */
    void gone() {
        gone.complete(null);
        if (before != null) {
            before.gone();
        }
    }

    /** As those see it who ask what the process holds. */
    LocalLock local() {
        return new LocalLock(
                request.target.names(),
                LockEntry.Role.HOLDER,
                kind.told(),
                kind.permits(),
                request.thread,
                heldFor(),
                token,
                Long.toHexString(session.leaseId()));
    }

    boolean isOf(EngineLock lock) {
        return context == lock.context()
                && request.target.names().equals(lock.target().names())
                && kind.equals(lock.target().kind());
    }

    /** This write hold ends, and a read hold of the same entry begins. */
    LockHandle downgrade() {
        Hold shared = new Hold(context, entry, session, request, key, token, Kind.SHARED, this);
        // Visible first: the end of the session must find one of the two.
        if (!entry.succeed(this, shared)) {
            ensureHeld();
            throw new IllegalStateException("Lock '" + request.name + "' is just being downgraded by another call");
        }
        if (!end()) {
            entry.succeed(shared, this);
            ensureHeld();
        }
        tellHere();
        shared.announce();
        entry.share(this, shared);
        awaitGone(context.options().requestTimeout());
        return shared;
    }

    /** The entry's key, the first of several. */
    String key() {
        return key;
    }

    long leaseId() {
        return session.leaseId();
    }

    /** Create revision of its entry, which is the same for all to whom a hold is passed on. */
    long entryCreatedAt() {
        return entry.createdAt();
    }

    /**
     * What is true in the store while this hold keeps others out, and never again once another hold does. From now on it is not passed on
     * inside this process, since the store would not show that.
     *
     * @throws LockLostException if the lock is not held now
     * @throws IllegalStateException if it was released
     */
    List<Compare> condition() {
        shown = true;
        // Asked after that can be seen: either the release finds it, or we find the release.
        ensureHeld();
        String tail = LockKeys.tailOf(key);
        List<Compare> condition = new ArrayList<>();
        for (String name : request.target.names()) {
            condition.add(Compare.createdAt(context.keys().entry(name, tail), entry.createdAt()));
        }
        if (kind.isExclusive() && condition.size() == 1 && request.value == null) {
            // Its entry stays when it becomes a read hold, but says so.
            condition.add(Compare.valuesStartWith(KeyRange.single(key), kind.valueStart()));
        }
        return condition;
    }

    LockStore store() {
        return context.store();
    }

    /** Whether it must not be passed on. */
    boolean shown() {
        return shown || (before != null && before.shown());
    }

    /** Its token, or {@link #NO_TOKEN}. */
    long tokenSoFar() {
        return token;
    }

    /** For people. */
    String holder() {
        return "'" + request.name + "' (thread " + request.thread + ")";
    }

    boolean ended() {
        noticeDeadline();
        return ended != null;
    }

    /** Runs it when the hold has ended, at once, on whichever thread that is; it must be short. */
    void onEnd(Runnable then) {
        over.thenRun(then);
    }

    /** The same for when nothing of it is left in etcd. */
    void onGone(Runnable then) {
        gone.thenRun(then);
    }

    HoldCaps caps() {
        return caps;
    }

    /** Whether {@code maxHold} has passed; if so the hold is lost now, if it had not ended before. */
    boolean outlived() {
        if (!caps.spent()) {
            return false;
        }
        if (ended == null) {
            lose(
                    LockLoss.Reason.MAX_HOLD,
                    "it was held for " + caps.maxHold().toMillis() + " ms, as long as maxHold allows");
            // The timer may be late, and the entry stands in the way of others.
            entry.capsChanged();
        }
        return true;
    }

    /** Completes when the lease of the session is needed no more to keep others out; null if it is not needed for that. */
    @Nullable
    CompletableFuture<Void> keeping() {
        return gone.isDone() || !caps.owing() ? null : gone;
    }

    @Override
    public String name() {
        return request.name;
    }

    @Override
    public List<String> names() {
        return request.target.names();
    }

    @Override
    public boolean isHeld() {
        return ended == null && session.trusted() && !outlived();
    }

    @Override
    public Duration remaining() {
        if (!isHeld()) {
            return Duration.ZERO;
        }
        Duration lease = session.remaining();
        Duration cap = caps.left();
        return lease.compareTo(cap) < 0 ? lease : cap;
    }

    @Override
    public void ensureHeld() {
        if (isHeld()) {
            return;
        }
        noticeDeadline();
        End end = ended;
        if (end == null) {
            throw new LockLostException(new LockLoss(
                    request.name,
                    token,
                    LockLoss.Reason.EXPIRED,
                    "the clock jumped and etcd has not confirmed the lease since"));
        }
        if (end.loss() == null) {
            throw new IllegalStateException("Lock '" + request.name + "' was released; acquire it again");
        }
        throw new LockLostException(end.loss());
    }

    @Override
    public long fencingToken() {
        return token != NO_TOKEN ? token : drawToken();
    }

    /** Calls at the same time share one draw; one that failed is forgotten. */
    private long drawToken() {
        if (before != null && before.token != NO_TOKEN) {
            // Drawn by the write hold, while it became this one.
            token = before.token;
            return token;
        }
        ensureHeld();
        AtomicReference<@Nullable CompletableFuture<Long>> shared = Objects.requireNonNull(draw);
        CompletableFuture<Long> fresh = new CompletableFuture<>();
        // Complete when the token is there for all to see, and not a moment before.
        CompletableFuture<Long> known = fresh.whenComplete((drawn, failure) -> {
            // One that succeeded stays: who comes late must not draw another.
            if (drawn != null && drawn != NO_TOKEN) {
                token = drawn;
            } else {
                shared.set(null);
            }
        });
        CompletableFuture<Long> running = shared.compareAndExchange(null, known);
        CompletableFuture<Long> answer = running == null ? known : running;
        if (running == null) {
            entry.drawToken(this, fresh);
        }
        boolean answered = Uninterruptible.await(context.time(), answer, TokenDraw.longest(context));
        if (token != NO_TOKEN) {
            return token;
        }
        ensureHeld();
        throw new LockUnavailableException(
                request.name,
                "No fencing token for lock '" + request.name + "': "
                        + (answered ? "etcd refused the request" : "etcd did not answer in time")
                        + "; the lock is held still. Call again, or release it",
                null);
    }

    @Override
    public boolean extend(Duration maxHold, Duration holdAtLeast) {
        LockOptions extended = new LockOptions(
                request.options.ttl(),
                request.options.renew(),
                request.options.waitTime(),
                maxHold,
                holdAtLeast,
                request.options.metadata(),
                request.options.metricName());
        if (!isHeld() || !caps.extend(extended)) {
            return false;
        }
        entry.capsChanged();
        return true;
    }

    @Override
    public Optional<LockLoss> loss() {
        noticeDeadline();
        End end = ended;
        return end == null ? Optional.empty() : Optional.ofNullable(end.loss());
    }

    @Override
    public CompletionStage<LockLoss> lost() {
        return lost.minimalCompletionStage();
    }

    @Override
    public void release() {
        long until =
                context.time().nanoTime() + context.options().requestTimeout().toNanos();
        if (context.options().release() == ReleaseMode.SYNC && ended == null && session.outslept()) {
            // The machine seems to have slept, and the lease may have ended meanwhile: that must not be covered up.
            Uninterruptible.await(context.time(), session.verdict(), context.until(until));
        }
        boolean released = end();
        if (released || outlived()) {
            // After maxHold: the holder has stopped, so its margin is over.
            entry.release(this);
            if (context.options().release() == ReleaseMode.SYNC) {
                awaitGone(context.until(until));
            }
        }
        if (released) {
            tellHere();
        }
    }

    @Override
    public CompletableFuture<Void> releaseAsync() {
        if (end()) {
            letGo();
        } else if (outlived()) {
            entry.release(this);
        }
        return whenGone();
    }

    /** Deletes what {@link #end} left in etcd. */
    void letGo() {
        entry.release(this);
        tellSoon();
    }

    /** Completes on the callback executor when nothing is left in etcd. */
    CompletableFuture<Void> whenGone() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        gone.whenComplete((nothing, impossible) -> context.callbacks().run(() -> done.complete(null)));
        return done;
    }

    /** Ends it here by the holder's will; its key stays until {@link #letGo}. False if it had ended before. */
    boolean end() {
        // Past the deadline it is lost, even if no timer has said so yet: a release must not cover that up.
        noticeDeadline();
        if (!ENDED.compareAndSet(this, null, RELEASED)) {
            return false;
        }
        caps.settle();
        Duration held = heldFor();
        tellLater(listener -> listener.released(this, request.options, held));
        over.complete(null);
        return true;
    }

    boolean isFor(Request asked) {
        return request == asked;
    }

    /** Whether its holder gave it back. */
    boolean released() {
        return ended == RELEASED;
    }

    /** A release that was begun is worth finishing, so an interrupt does not end it. */
    private void awaitGone(Duration limit) {
        if (!Uninterruptible.await(context.time(), gone, limit)) {
            context.trouble().unconfirmed("releasing lock '" + request.name + "'", "no answer in time");
        }
    }

    private void noticeDeadline() {
        if (ended == null && session.pastDeadline()) {
            lose(
                    LockLoss.Reason.EXPIRED,
                    request.options.renew()
                            ? "no renewal reached etcd in time"
                            : "its TTL has passed, and it was not to be renewed");
            session.expireIfPast();
        } else if (ended == null) {
            outlived();
        }
    }

    private Duration heldFor() {
        return Duration.ofNanos(context.time().nanoTime() - heldSince);
    }

    @Override
    public String toString() {
        return "Hold[" + request.name + ", token " + (token == NO_TOKEN ? "not drawn" : token)
                + (isHeld() ? ", held]" : ", ended]");
    }
}
