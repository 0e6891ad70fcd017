package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.store.LeaseKeys;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.time.TimeSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the store, once per renewal period and sooner only if it got no answer or is told to, which keys the lease has: an entry whose
 * key is missing was deleted by somebody, a key without an entry was left by a request that came through after it was given up. One
 * question for all locks of a session.
 */
final class SessionAudit {

    private static final Logger log = LoggerFactory.getLogger(SessionAudit.class);

    private final EngineContext context;
    private final Session session;
    private final Consumer<Session.Orphan> onOrphan;
    private final Mailbox mailbox = new Mailbox();

    private boolean asking;
    private @Nullable ClockReading lastAsked;
    private TimeSource.@Nullable Timer repetition;
    private boolean failureLogged;

    /** Unknown at the last audit: a short hold that came and went around one audit is no orphan. */
    private Set<String> unknownBefore = Set.of();

    SessionAudit(EngineContext context, Session session, Consumer<Session.Orphan> onOrphan) {
        this.context = context;
        this.session = session;
        this.onOrphan = onOrphan;
    }

    /** Starts an audit unless one is under way or was a short while ago. */
    void run() {
        mailbox.execute(this::ask);
    }

    /** As {@link #run}, however short ago the last one was. */
    void runNow() {
        mailbox.execute(() -> {
            lastAsked = null;
            ask();
        });
    }

    private void ask() {
        ClockReading now = ClockReading.of(context.time());
        ClockReading last = lastAsked;
        // A little less than the period: the renewals that start audits are never quite on time.
        long period = session.timing().renewEvery().toNanos() * 9 / 10;
        if (asking || session.ended() || (last != null && now.nanos() - last.nanos() < period)) {
            return;
        }
        // A renewal may have brought us here before it: one repetition at a time, or they would grow more and more.
        if (repetition != null) {
            repetition.cancel();
            repetition = null;
        }
        asking = true;
        lastAsked = now;
        Map<String, QueueEntry> placed = new HashMap<>();
        Set<String> known = new HashSet<>();
        for (Map.Entry<String, QueueEntry> entry : session.entries().byKey()) {
            known.add(entry.getKey());
            if (entry.getValue().placed()) {
                placed.put(entry.getKey(), entry.getValue());
            }
        }
        context.ask(
                () -> context.store()
                        .leaseKeys(session.leaseId(), session.timing().attemptTimeout()),
                mailbox,
                (keys, failure) -> answered(now, placed, known, keys, failure));
    }

    private void answered(
            ClockReading askedAt,
            Map<String, QueueEntry> placed,
            Set<String> known,
            @Nullable LeaseKeys answer,
            @Nullable StoreException failure) {
        asking = false;
        if (session.ended()) {
            return;
        }
        if (failure != null) {
            refused(failure, placed);
        }
        if (answer == null) {
            return;
        }
        failureLogged = false;
        context.cluster().answeredBy(answer.clusterId());
        session.seenAlive(askedAt, answer.remaining());
        placed.forEach((key, entry) -> {
            if (!answer.keys().contains(key)) {
                entry.reportedMissing(LockLoss.Reason.KEY_DELETED);
            }
        });
        Set<String> unknown = new HashSet<>();
        for (String key : answer.keys()) {
            if (!known.contains(key) && session.entries().get(key) == null) {
                unknown.add(key);
                if (unknownBefore.contains(key)) {
                    context.keys()
                            .nameOf(key)
                            .ifPresent(
                                    name -> onOrphan.accept(new Session.Orphan(session, name, LockKeys.tailOf(key))));
                }
            }
        }
        unknownBefore = unknown;
    }

    private void refused(StoreException failure, Map<String, QueueEntry> placed) {
        if (failure.kind() == StoreException.Kind.LEASE_NOT_FOUND) {
            // No proof: etcd answers this from the memory of a member that may lead no more. A renewal and a read are.
            session.confirmGone();
            placed.values().forEach(entry -> entry.reportedMissing(LockLoss.Reason.LEASE_GONE));
        } else if (failure.kind() == StoreException.Kind.UNAUTHENTICATED) {
            // Of a session that is not renewed nobody else would.
            context.refreshCredentials(mailbox, () -> {});
        } else if (!failure.kind().definite()) {
            // Sooner than with the next renewal: until then a hold whose key was deleted says that it is held.
            lastAsked = null;
            repetition = context.after(session.timing().hedgeAfter(), mailbox, this::ask);
        } else if (failure.kind() == StoreException.Kind.PERMISSION_DENIED && !failureLogged) {
            failureLogged = true;
            log.warn(
                    "The keys of lease {} may not be read ({}); a lock key deleted by somebody will be noticed late. "
                            + "Grant the user read access to the key prefix '{}'",
                    Long.toHexString(session.leaseId()),
                    failure.getMessage(),
                    context.keys().prefix());
        }
    }
}
