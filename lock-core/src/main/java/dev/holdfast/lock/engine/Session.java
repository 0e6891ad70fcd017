package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.RegistryStatus.State;
import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One lease, its renewal and what hangs on it.
 *
 * <p><b>Time.</b> A success counts from the moment its request was sent, on the monotonic clock; {@link #trusted()} is computed from
 * the volatile deadline, so it turns false without any timer. <b>Renewal.</b> Every sixth of the TTL; an attempt that stays
 * unanswered gets company after a short while, so that one frozen member costs nothing. <b>End.</b> Once ended, for whatever
 * reason, a session is never renewed, never trusted again and never revived by a late answer; its entries are told before another
 * session can exist. Events run in the mailbox; volatile fields and concurrent maps are read from anywhere.
 */
final class Session {

    private static final Logger log = LoggerFactory.getLogger(Session.class);

    /** Tries of some seconds, after which the lease ends by itself soon enough: an etcd that refuses us is well. */
    private static final int MOST_REFUSED_REVOKES = 10;

    private final EngineContext context;
    private final long leaseId;
    private final Consumer<Session> onEnded;
    private final Mailbox mailbox = new Mailbox();
    private final SessionAudit audit;

    private final SessionEntries entries = new SessionEntries();
    private final LeaseTerm term;
    private volatile State state = State.ACTIVE;

    /** Completes when the session has ended and everything was told of it: only then another may take its place. */
    private final CompletableFuture<Void> buried = new CompletableFuture<>();

    /** Completes when the lease is revoked, or could not be. */
    private final CompletableFuture<Void> revoked = new CompletableFuture<>();

    // Of the mailbox:
    private final List<CompletableFuture<Void>> verdicts = new ArrayList<>();
    private int attemptsInFlight;
    private boolean renewing = true;
    private @Nullable Runnable afterLastRenewal;
    private TimeSource.@Nullable Timer nextAttempt;
    private TimeSource.@Nullable Timer watchdog;
    private TimeSource.@Nullable Timer laterRevoke;
    private @Nullable StoreException lastFailure;
    private boolean credentialsRefreshed;
    private Backoff revokeBackoff;
    private long revokeSentAt;
    private int refusedRevokes;

    /** Until when a revoke is repeated; null: until it is answered. */
    private @Nullable Long revokeUntil;

    Session(
            EngineContext context,
            LeaseGrant grant,
            ClockReading sentAt,
            Consumer<Session> onEnded,
            Consumer<Session.Orphan> onOrphan) {
        this.context = context;
        this.leaseId = grant.leaseId();
        this.onEnded = onEnded;
        this.term = new LeaseTerm(context.time(), grant.ttl(), sentAt);
        this.audit = new SessionAudit(context, this, onOrphan);
        this.revokeBackoff = Backoff.upTo(term.timing().revokeEvery(), context.random());
    }

    /**
     * A key of ours in the store that no entry here knows of.
     *
     * @param tail last part of the key
     */
    record Orphan(Session session, String name, String tail) {}

    void start() {
        mailbox.execute(() -> {
            armNextAttempt(timing().renewEvery());
            armWatchdog();
        });
    }

    long leaseId() {
        return leaseId;
    }

    SessionTiming timing() {
        return term.timing();
    }

    boolean ended() {
        return state == State.EXPIRED || state == State.CLOSED;
    }

    CompletableFuture<Void> buried() {
        return buried;
    }

    CompletableFuture<Void> revoked() {
        return revoked;
    }

    /** Whether what hangs on this session is held now: not ended, before the local deadline, and confirmed since the last clock jump. */
    boolean trusted() {
        if (ended() || term.over()) {
            return false;
        }
        boolean knownBefore = term.jumpSeen();
        if (!term.jumped()) {
            return true;
        }
        // Once for each jump, not for each look at a hold.
        if (!knownBefore) {
            renewNow();
        }
        return false;
    }

    /** Whether a new hold may start: trusted, and with at least the margin left. */
    boolean fitForGrant() {
        return trusted() && remaining().compareTo(timing().margin()) >= 0;
    }

    boolean pastDeadline() {
        return term.over();
    }

    /** Whether the machine seems to have slept for longer than the lease lives, and etcd has not said anything since. */
    boolean outslept() {
        return !ended() && term.outslept();
    }

    /** Completes when etcd has said whether the lease outlived a jump of the clocks; not for users' code to depend on. */
    CompletableFuture<Void> verdict() {
        CompletableFuture<Void> verdict = new CompletableFuture<>();
        mailbox.execute(() -> {
            verdicts.add(verdict);
            attempt();
            tellVerdict();
        });
        return verdict;
    }

    private void tellVerdict() {
        if (ended() || !term.jumped()) {
            verdicts.forEach(verdict -> verdict.complete(null));
            verdicts.clear();
        }
    }

    Duration remaining() {
        return ended() ? Duration.ZERO : term.remaining();
    }

    RegistryStatus.Session status() {
        State now = state;
        return new RegistryStatus.Session(Long.toHexString(leaseId), timing().ttl(), now, remaining());
    }

    /** Takes an entry under supervision, before it is sent; false if the session has ended. */
    boolean register(QueueEntry entry) {
        entries.add(entry);
        // Looked at after it was added: either we see the end here, or the end sees the entry.
        if (ended()) {
            entries.remove(entry);
            return false;
        }
        return true;
    }

    void unregister(QueueEntry entry) {
        entries.remove(entry);
    }

    SessionEntries entries() {
        return entries;
    }

    long guardRevision(String guard) {
        return entries.guardRevision(guard);
    }

    void guardRevision(String guard, long revision) {
        entries.guardRevision(guard, revision);
    }

    void renewNow() {
        mailbox.execute(this::attempt);
    }

    /** No more renewals from now on, so that what hangs on this session ends with its TTL. */
    void stopRenewing() {
        mailbox.execute(() -> {
            renewing = false;
            armNextAttempt(timing().renewEvery());
        });
    }

    /** Renews once more, then tells and renews no more: gives a hold that had to wait its full TTL. */
    void renewOnceMore(Runnable then) {
        mailbox.execute(() -> {
            afterLastRenewal = then;
            attempt();
        });
    }

    /**
     * An audit saw the lease alive. Never prolongs the deadline, but confirms a session that is not renewed after a clock jump; the
     * deadline comes nearer then, by what the clock may have slept.
     */
    void seenAlive(ClockReading sentAt, Duration left) {
        mailbox.execute(() -> {
            if (!renewing && !ended() && term.jumped()) {
                term.shorten(sentAt, left);
                armWatchdog();
                judge();
                if (term.jumped()) {
                    // It was asked before the clock jumped.
                    armNextAttempt(timing().hedgeAfter());
                }
            }
        });
    }

    /** An audit was told that the lease has ended: the next renewal says whether that is so. */
    void confirmGone() {
        mailbox.execute(() -> {
            if (renewing) {
                attempt();
            }
        });
    }

    /** Something said that the lease has ended. */
    void leaseGone() {
        mailbox.execute(() -> expire(LockLoss.Reason.LEASE_GONE, "etcd ended its lease"));
    }

    void clusterChanged() {
        mailbox.execute(() -> expire(
                LockLoss.Reason.CLUSTER_CHANGED, "etcd answers as another cluster, or was restored from a backup"));
    }

    /** To be called by whoever sees that the deadline has passed; the watchdog may be late. */
    void expireIfPast() {
        mailbox.execute(() -> {
            if (!ended() && pastDeadline()) {
                expire();
            }
        });
    }

    /**
     * Ends the session and revokes the lease, or gives that up in time; see {@link #revoked()}. Entries that must outlast it are moved to
     * leases of their own first, if that is done in time.
     */
    void close(Duration timeout) {
        mailbox.execute(() -> {
            long deadline = context.time().nanoTime() + timeout.toNanos();
            if (revokeUntil == null || deadline - revokeUntil < 0) {
                revokeUntil = deadline;
            }
            // Somebody waits for it now.
            revokeBackoff = new Backoff(context.random());
            CompletableFuture<Void> kept = entries.kept();
            if (kept.isDone()) {
                endClosed();
            } else {
                TimeSource.Timer limit = context.after(timeout, mailbox, this::endClosed);
                kept.whenComplete((done, impossible) -> {
                    limit.cancel();
                    mailbox.execute(this::endClosed);
                });
            }
        });
    }

    private void endClosed() {
        if (!ended()) {
            end(State.CLOSED, LockLoss.Reason.CLOSED, "the registry was closed");
            revoke();
        } else if (laterRevoke != null) {
            EngineContext.cancel(laterRevoke);
            revoke();
        }
    }

    private void attempt() {
        if (ended()) {
            return;
        }
        if (pastDeadline()) {
            expire();
            return;
        }
        if (!renewing) {
            if (term.jumped()) {
                audit.runNow();
                armNextAttempt(timing().hedgeAfter());
            } else {
                audit.run();
                armNextAttempt(timing().renewEvery());
            }
            return;
        }
        judge();
        armNextAttempt(timing().hedgeAfter());
        if (attemptsInFlight >= SessionTiming.MAX_ATTEMPTS_IN_FLIGHT) {
            return;
        }
        attemptsInFlight++;
        ClockReading sentAt = ClockReading.of(context.time());
        context.ask(
                () -> context.store().keepAlive(leaseId, timing().attemptTimeout()),
                mailbox,
                (grant, failure) -> attemptEnded(sentAt, grant, failure));
    }

    private void attemptEnded(ClockReading sentAt, @Nullable LeaseGrant grant, @Nullable StoreException failure) {
        attemptsInFlight--;
        if (ended()) {
            return;
        }
        Duration roundTrip = Duration.ofNanos(context.time().nanoTime() - sentAt.nanos());
        RegistryStatus.Session now = status();
        context.callbacks().tell(listener -> listener.renewal(now, grant != null, roundTrip));
        // A process that was stopped reads answers that were right when they were sent: too late is too late.
        if (pastDeadline()) {
            expire();
        } else if (grant != null) {
            confirmed(sentAt, grant);
        } else if (failure != null) {
            failed(failure);
        }
    }

    private void confirmed(ClockReading sentAt, LeaseGrant grant) {
        context.cluster().answeredBy(grant.clusterId());
        context.trouble().answered();
        if (ended()) {
            return;
        }
        if (!term.confirm(sentAt, grant.ttl())) {
            return;
        }
        lastFailure = null;
        credentialsRefreshed = false;
        // Not beyond doubt yet if the clock jumped after it was sent.
        armNextAttempt(
                term.jumped()
                        ? timing().hedgeAfter()
                        : context.until(sentAt.nanos() + timing().renewEvery().toNanos()));
        judge();
        Runnable then = afterLastRenewal;
        // Not on a success that a clock jump devalued: the next one is on its way.
        if (then != null && fitForGrant()) {
            afterLastRenewal = null;
            renewing = false;
            then.run();
        }
        audit.run();
    }

    private void failed(StoreException failure) {
        lastFailure = failure;
        switch (failure.kind()) {
            case LEASE_NOT_FOUND -> expire(LockLoss.Reason.LEASE_GONE, "etcd ended its lease");
            // Renewals carry the token but nobody refreshes it for them: etcd from 3.5.28 on would let the lease die.
            case UNAUTHENTICATED -> refreshCredentials();
            default -> judge();
        }
    }

    private void refreshCredentials() {
        judge();
        boolean again = credentialsRefreshed;
        credentialsRefreshed = true;
        // At once the first time; a user who stays refused gets the ordinary pace.
        context.refreshCredentials(mailbox, () -> {
            if (!again) {
                armNextAttempt(Duration.ZERO);
            }
        });
    }

    /** Moves between active and suspect, and asks for another connection when nothing succeeds. */
    private void judge() {
        tellVerdict();
        Duration unconfirmed = term.unconfirmed();
        if (unconfirmed.compareTo(timing().reconnectAfter()) > 0) {
            context.store().reconnect();
        }
        boolean jumped = term.jumped();
        boolean suspect = jumped || unconfirmed.compareTo(timing().suspectAfter()) > 0;
        if (suspect && state == State.ACTIVE) {
            changeState(State.SUSPECT);
            log.warn(
                    "etcd has not confirmed lease {} (TTL {} s) for {} ms: {}. What hangs on it is lost in {} ms unless etcd answers: {}."
                            + " Check that etcd is up, has a leader and can be reached",
                    Long.toHexString(leaseId),
                    timing().ttl().toSeconds(),
                    unconfirmed.toMillis(),
                    jumped
                            ? "the clock jumped, so its locks do not count as held"
                            : lastFailure == null ? "no answer" : lastFailure.getMessage(),
                    remaining().toMillis(),
                    SessionEntries.description(entries.all()));
        } else if (!suspect && state == State.SUSPECT) {
            changeState(State.ACTIVE);
            log.info(
                    "etcd confirms lease {} again; all its locks are still held, {} of them",
                    Long.toHexString(leaseId),
                    entries.held());
        }
    }

    private void expire() {
        expire(
                LockLoss.Reason.EXPIRED,
                renewing
                        ? "no renewal reached etcd in time"
                                + (lastFailure == null ? "" : " (last failure: " + lastFailure.getMessage() + ")")
                        : "its TTL has passed, and it was not to be renewed");
    }

    private void expire(LockLoss.Reason reason, String detail) {
        if (ended()) {
            return;
        }
        Set<QueueEntry> lost = end(State.EXPIRED, reason, detail);
        if (reason == LockLoss.Reason.EXPIRED) {
            // The margin belongs to the holders: a revoke now would let others in while they are still being told.
            laterRevoke = context.after(timing().margin(), mailbox, this::revoke);
        } else {
            // Even if it seems gone: what is left of it would stand in the way of others.
            revoke();
        }
        // Last, since thousands of holds take a while to describe.
        logEnd(detail, lost);
    }

    private void logEnd(String detail, Set<QueueEntry> lost) {
        // Of a lease that is not renewed the one hold says so itself.
        Level level = !renewing ? Level.DEBUG : SessionEntries.lockless(lost) ? Level.WARN : Level.ERROR;
        log.atLevel(level)
                .log(
                        "Lease {} (TTL {} s) has ended: {}. Lost with it: {}. A new lease is asked for when a lock is",
                        Long.toHexString(leaseId),
                        timing().ttl().toSeconds(),
                        detail,
                        SessionEntries.description(lost));
    }

    /** Returns what hung on it. */
    private Set<QueueEntry> end(State last, LockLoss.Reason reason, String detail) {
        // The order matters: untrusted, not renewed, everything told, and only then room for another session.
        state = last;
        EngineContext.cancel(nextAttempt);
        EngineContext.cancel(watchdog);
        Set<QueueEntry> ended = entries.all();
        ended.forEach(entry -> entry.sessionEnded(this, reason, detail));
        entries.clear();
        tellVerdict();
        tellState();
        onEnded.accept(this);
        buried.complete(null);
        return ended;
    }

    private void revoke() {
        laterRevoke = null;
        Long until = revokeUntil;
        Duration limit = context.options().requestTimeout();
        // Not all the time there is for the first: the member asked may be frozen.
        Duration timeout = until == null || context.until(until).compareTo(limit) > 0 ? limit : context.until(until);
        revokeSentAt = context.time().nanoTime();
        context.ask(() -> context.store().revoke(leaseId, timeout), mailbox, (ok, failure) -> revokeEnded(failure));
    }

    /**
     * Repeated until it is answered: an etcd that comes back after an outage gives every lease its time anew, and what this one still has
     * would stand in the way of others for so long. Once closed, only as long as closing may take.
     */
    private void revokeEnded(@Nullable StoreException failure) {
        if (failure == null || failure.kind() == StoreException.Kind.LEASE_NOT_FOUND) {
            revoked.complete(null);
        } else if (failure.kind() == StoreException.Kind.CLOSED) {
            giveUpRevoke(failure);
        } else if (failure.kind() == StoreException.Kind.UNAUTHENTICATED) {
            revokeRefused(failure);
        } else {
            revokeAgain(failure);
        }
    }

    /** Nobody else may be left in this process who would log in again; but an etcd that does not know us never says that the lease is gone. */
    private void revokeRefused(StoreException failure) {
        if (refusedRevokes++ < MOST_REFUSED_REVOKES) {
            context.refreshCredentials(mailbox, () -> revokeAgain(failure));
        } else {
            giveUpRevoke(failure);
        }
    }

    private void revokeAgain(StoreException failure) {
        // From the sending of the last: one that was long without an answer has been pause enough.
        Duration pause = context.until(revokeSentAt + revokeBackoff.next().toNanos());
        Long until = revokeUntil;
        if (until == null || (mayStillSucceed(failure) && context.until(until).compareTo(pause) > 0)) {
            log.debug("Lease {} is not revoked yet ({})", Long.toHexString(leaseId), failure.getMessage());
            laterRevoke = context.after(pause, mailbox, this::revoke);
        } else {
            giveUpRevoke(failure);
        }
    }

    /** Soon enough for somebody who waits for it. */
    private static boolean mayStillSucceed(StoreException failure) {
        return failure.kind() != StoreException.Kind.PERMISSION_DENIED && failure.kind() != StoreException.Kind.INVALID;
    }

    private void giveUpRevoke(StoreException failure) {
        log.warn(
                "Lease {} could not be revoked ({}); others cannot have its locks until it ends by itself, within {} s",
                Long.toHexString(leaseId),
                failure.getMessage(),
                timing().ttl().toSeconds());
        revoked.complete(null);
    }

    private void changeState(State next) {
        state = next;
        tellState();
    }

    private void tellState() {
        // Taken now: when the listeners hear of it, the state may be another.
        RegistryStatus.Session now = status();
        context.callbacks().tellInOrder(listener -> listener.sessionChanged(now));
    }

    private void armNextAttempt(Duration delay) {
        EngineContext.cancel(nextAttempt);
        if (!ended()) {
            nextAttempt = context.after(delay, mailbox, this::attempt);
        }
    }

    private void armWatchdog() {
        EngineContext.cancel(watchdog);
        watchdog = context.after(remaining(), mailbox, () -> {
            if (ended()) {
                return;
            }
            if (pastDeadline()) {
                expire();
            } else {
                armWatchdog();
            }
        });
    }
}
