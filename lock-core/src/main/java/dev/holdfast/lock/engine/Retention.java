package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.LeaseGrant;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the entry of a hold that ended within its {@code holdAtLeast}: moves it to a lease of its own, which outlives session, registry
 * and process, and ends that lease when the time is over.
 *
 * <p>Everything is repeated until it is answered, so every copy must be harmless. The move is guarded by the entry's create revision.
 * Another lease is taken only when the store has said that the one before is gone, so no late copy can move the entry back. Events run
 * in the name's mailbox.
 */
final class Retention {

    /** What becomes of the entry; each told at most once, and nothing after any but {@code moved}. */
    interface Owner {

        /** The entry hangs on its own lease now, and on nothing else of this process. */
        void moved();

        /** The entry could not be moved, since not all of it was there any more. */
        void refused();

        /** The time is over, and it is not known where the entry hangs. */
        void overdue();

        /** Nothing is left of the entry. */
        void over();
    }

    private enum Phase {
        MOVING,
        KEPT,
        ENDING,
        OVER
    }

    /** More than a slew of the wall clock brings about meanwhile; an ordinary step only has the store asked. */
    private static final Duration SAME_CLOCK = Duration.ofMillis(50);

    private final EngineContext context;
    private final Mailbox mailbox;
    private final ClockReading begun;
    private final String name;
    private final long until;
    private final LongFunction<Txn> move;
    private final Owner owner;
    private final Backoff backoff;

    private Phase phase = Phase.MOVING;
    private @Nullable LeaseGrant lease;
    private TimeSource.@Nullable Timer end;
    private TimeSource.@Nullable Timer repetition;

    /**
     * @param until when the time is over, on the monotonic clock
     * @param move the transaction that moves the entry to the lease of that id
     */
    Retention(EngineContext context, Mailbox mailbox, String name, long until, LongFunction<Txn> move, Owner owner) {
        this.context = context;
        this.mailbox = mailbox;
        this.begun = ClockReading.of(context.time());
        this.name = name;
        this.until = until;
        this.move = move;
        this.owner = owner;
        this.backoff = new Backoff(context.random());
    }

    void start() {
        end = context.after(context.until(until), mailbox, this::timeOver);
        grant();
    }

    /** Whether the entry hangs on its own lease. */
    boolean moved() {
        return phase == Phase.KEPT || phase == Phase.ENDING;
    }

    /** Whether the time is over, and only the store's answer is missing. */
    boolean ending() {
        return phase == Phase.ENDING || context.passed(until);
    }

    /** Whether the entry is there still, for all we know. Not if the machine slept: it may be gone for long, and our clock stood still. */
    boolean certain() {
        return !ending() && !ClockReading.of(context.time()).jumpedSince(begun, SAME_CLOCK);
    }

    /** Nobody here needs to know any more; a lease that was granted runs out by itself. */
    void stop() {
        phase = Phase.OVER;
        EngineContext.cancel(end);
        EngineContext.cancel(repetition);
    }

    private void grant() {
        Duration left = context.until(until);
        Duration ttl =
                Duration.ofSeconds(Math.max(1, left.plusNanos(999_999_999).toSeconds()));
        context.ask(() -> context.store().grant(ttl, context.options().requestTimeout()), mailbox, this::granted);
    }

    private void granted(@Nullable LeaseGrant grant, @Nullable StoreException failure) {
        if (grant != null) {
            context.cluster().answeredBy(grant.clusterId());
        }
        if (phase != Phase.MOVING) {
            if (grant != null) {
                dispose(grant);
            }
        } else if (grant != null) {
            backoff.reset();
            lease = grant;
            move();
        } else if (failure != null) {
            again(failure, this::grant);
        }
    }

    private void move() {
        LeaseGrant granted = lease;
        if (phase == Phase.MOVING && granted != null) {
            context.txn(
                    move.apply(granted.leaseId()),
                    true,
                    context.options().requestTimeout(),
                    mailbox,
                    (result, failure) -> answered(granted, result, failure));
        }
    }

    private void answered(LeaseGrant granted, @Nullable TxnResult result, @Nullable StoreException failure) {
        if (phase != Phase.MOVING) {
            return;
        }
        if (result != null && result.succeeded()) {
            backoff.reset();
            phase = Phase.KEPT;
            owner.moved();
        } else if (result != null) {
            // Deleted by somebody, or gone with the session's lease.
            dispose(granted);
            stop();
            owner.refused();
        } else if (failure != null && failure.kind() == StoreException.Kind.LEASE_NOT_FOUND) {
            lease = null;
            again(failure, this::grant);
        } else if (failure != null) {
            again(failure, this::move);
        }
    }

    private void timeOver() {
        LeaseGrant granted = lease;
        if (phase == Phase.KEPT && granted != null) {
            phase = Phase.ENDING;
            revoke(granted);
        } else if (phase == Phase.MOVING) {
            stop();
            if (granted != null) {
                dispose(granted);
            }
            owner.overdue();
        }
    }

    private void revoke(LeaseGrant granted) {
        context.ask(
                () -> context.store()
                        .revoke(granted.leaseId(), context.options().requestTimeout()),
                mailbox,
                (done, failure) -> revoked(granted, failure));
    }

    private void revoked(LeaseGrant granted, @Nullable StoreException failure) {
        if (phase != Phase.ENDING) {
            return;
        }
        if (failure == null
                || failure.kind() == StoreException.Kind.LEASE_NOT_FOUND
                || refusedForGood(granted, failure)) {
            finish();
        } else {
            again(failure, () -> revoke(granted));
        }
    }

    /** One who is refused by an etcd that is well never hears that the lease is gone; at some time it is. */
    private boolean refusedForGood(LeaseGrant granted, StoreException failure) {
        return failure.kind().definite() && context.passed(until + granted.ttl().toNanos());
    }

    /** Once, and without asking how it went: it holds nothing, and runs out by itself. */
    private void dispose(LeaseGrant unused) {
        context.ask(
                () -> context.store().revoke(unused.leaseId(), context.options().requestTimeout()),
                mailbox,
                (done, failure) -> {});
    }

    private void finish() {
        stop();
        owner.over();
    }

    private void again(StoreException failure, Runnable step) {
        if (failure.kind() == StoreException.Kind.CLOSED) {
            finish();
            return;
        }
        context.trouble()
                .unconfirmed(
                        "keeping lock '" + name + "' from others for its holdAtLeast",
                        String.valueOf(failure.getMessage()));
        if (failure.kind() == StoreException.Kind.UNAUTHENTICATED) {
            context.refreshCredentials(mailbox, () -> later(step));
        } else {
            later(step);
        }
    }

    private void later(Runnable step) {
        if (phase != Phase.OVER) {
            Phase asked = phase;
            repetition = context.after(backoff.next(), mailbox, () -> {
                if (phase == asked) {
                    step.run();
                }
            });
        }
    }
}
