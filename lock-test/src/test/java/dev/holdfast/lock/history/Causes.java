package dev.holdfast.lock.history;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a loss has the cause that was told: in every world, whatever its faults are. Only for exact histories. */
final class Causes {

    /** Until the callback threads have told what the engine decided. */
    static final long TELLING_NANOS = 250_000_000;

    /** A stop this long before a loss may have caused it, or kept the process from telling it in time: longer than any TTL in tests. */
    static final long STOP_MATTERS_NANOS = 60_000_000_000L;

    private Causes() {}

    /** What is wrong with it; null: nothing. To be asked only if no other hand was on the entry. */
    static @Nullable String missing(
            Event lost, HoldRecord hold, Entries entries, ProcessRecord process, Allowances allowed) {
        return switch (lost.detail()) {
            case "LEASE_GONE" -> entries.stands(hold.entry) ? "its entry stands in the store" : null;
            case "CLUSTER_CHANGED" -> "there is but one cluster";
            case "EXPIRED" ->
                process.stoppedSince(lost.at() - STOP_MATTERS_NANOS, lost.at()) > 0
                        ? null
                        : tooEarly(lost, hold, entries, process, allowed);
            default -> null;
        };
    }

    private static @Nullable String tooEarly(
            Event lost, HoldRecord hold, Entries entries, ProcessRecord process, Allowances allowed) {
        Event granted = hold.granted;
        if (granted == null || granted.detail().equals(Event.NOT_RENEWED)) {
            return null; // a look at the lease after a clock jump may have brought the deadline nearer
        }
        long latest = Long.MIN_VALUE;
        for (Event confirmed : process.confirmed.getOrDefault(entries.lease(hold.entry), List.of())) {
            if (confirmed.at() < lost.at() - TELLING_NANOS) {
                latest = Math.max(latest, Long.parseLong(confirmed.detail()));
            }
        }
        if (latest == Long.MIN_VALUE) {
            return null;
        }
        long confirmedFor = shortestTrust(allowed.ttl());
        return lost.at() - latest < confirmedFor
                ? "its lease was confirmed " + (lost.at() - latest) / 1_000_000 + " ms before"
                : null;
    }

    /** Nanoseconds for which one confirmation is good, by the fastest of clocks. */
    static long shortestTrust(Duration ttl) {
        Duration tenth = ttl.dividedBy(10);
        Duration margin = tenth.toMillis() < 500 ? Duration.ofMillis(500) : tenth;
        return ttl.minus(margin).minus(ttl.dividedBy(200)).toNanos();
    }
}
