package dev.holdfast.lock.history;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Nothing is lost without a cause, and what is lost is told before the store gives it away. */
final class Losses {

    private final Records records;
    private final Allowances allowed;

    Losses(Records records) {
        this.records = records;
        this.allowed = records.allowed;
    }

    void lost(Event event, HoldRecord hold, ProcessRecord process) {
        boolean touched = hold.interference != null;
        Event next = hold.nextGrant;
        if (next != null
                && event.at() - next.at() - process.stoppedSince(next.at(), event.at()) > Causes.TELLING_NANOS) {
            records.broken(Promise.CALLBACK_ORDER, "heard of " + event + " long after " + next);
        }
        if (allowed.exact() && !touched && !allowed.exclusionByTokenOnly()) {
            for (NameRecord name : records.names(event)) {
                String missing = Causes.missing(event, hold, name.entries, process, allowed);
                if (missing != null) {
                    records.broken(Promise.NO_SPURIOUS_LOSS, event + " but " + missing);
                }
            }
        }
        switch (event.detail()) {
            case "CLOSED" -> {
                return;
            }
            case "MAX_HOLD" -> capped(event, hold, process);
            case "KEY_DELETED" -> {
                if (!touched) {
                    records.broken(Promise.NO_SPURIOUS_LOSS, "nobody touched its key: " + event);
                }
            }
            default -> {
                Event granted = hold.granted;
                boolean renewed = granted == null || !granted.detail().equals(Event.NOT_RENEWED);
                if (!mayBeLost(granted) && !touched && renewed) {
                    records.broken(Promise.NO_SPURIOUS_LOSS, event.toString());
                } else if (!allowed.losses() && !touched && granted != null && allowed.exact()) {
                    fullTtl(granted, event);
                }
            }
        }
        if (!touched) {
            before(records.deletion(event), event, process, records.hold(event));
        }
    }

    /** What the process ends itself it tells before it lets others in. */
    private void before(@Nullable Event deleted, Event lost, ProcessRecord process, HoldRecord hold) {
        if (lost.detail().equals("MAX_HOLD") && hold.releasing != null) {
            return; // whoever gives it back too late has stopped, and needs no telling
        }
        if ((lost.detail().equals("EXPIRED") || lost.detail().equals("MAX_HOLD"))
                && deleted != null
                && process.closing == null // which revokes at once
                && !allowed.exclusionByTokenOnly()
                && process.stoppedSince(deleted.at() - Causes.STOP_MATTERS_NANOS, deleted.at()) == 0) {
            records.broken(Promise.LOCAL_LEARNS_FIRST, lost + " was told only after " + deleted);
        }
    }

    /** A cap needs no fault, but its time. */
    private void capped(Event event, HoldRecord hold, ProcessRecord process) {
        Event granted = hold.granted;
        if (granted == null) {
            return; // its caller has not been told yet
        }
        if (hold.capFrom == Long.MAX_VALUE) {
            records.broken(Promise.NO_SPURIOUS_LOSS, "it has no cap: " + granted + ", " + event);
        } else if (event.at() < hold.capFrom) {
            records.broken(
                    Promise.TTL_KEPT,
                    granted + " had " + (hold.capFrom - event.at()) / 1_000_000 + " ms left until its cap: " + event);
        } else if (records.tooSlow(event.at() - hold.capUntil - process.stoppedSince(granted.at(), event.at()))) {
            records.broken(Promise.TTL_KEPT, granted + " was ended long after its cap: " + event);
        }
    }

    /** Faults may cost a hold, unless everything had been well for a whole TTL when it was granted. */
    private boolean mayBeLost(@Nullable Event granted) {
        Event heal = records.healed;
        boolean well = heal != null
                && granted != null
                && granted.at() - heal.at() > allowed.ttl().toNanos();
        return allowed.losses() && !(allowed.exact() && well);
    }

    /** At the grant the lease was confirmed a moment ago: by a renewal period, an attempt and the grant's own requests. */
    private void fullTtl(Event granted, Event lost) {
        long least = Causes.shortestTrust(allowed.ttl())
                - allowed.ttl().toNanos() * 5 / 12
                - Duration.ofSeconds(1).toNanos();
        if (lost.at() - granted.at() < least) {
            records.broken(
                    Promise.TTL_KEPT,
                    granted + " lasted only " + (lost.at() - granted.at()) / 1_000_000 + " ms until " + lost);
        }
    }
}
