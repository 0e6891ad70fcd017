package dev.holdfast.lock.engine;

import java.time.Duration;

/**
 * The time arithmetic of a session, from the TTL that the store answered (docs/design.md, "Time"). All methods are pure; points in time
 * are {@code nanoTime} values.
 */
record SessionTiming(Duration ttl) {

    /** Clocks of client and server may run apart by this part: 0.2 %. NTP slews by at most 0.05 %. */
    private static final long DRIFT_DIVISOR = 500;

    /** Renewals under way at once: enough to step over a frozen member of three, few enough not to flood. */
    static final int MAX_ATTEMPTS_IN_FLIGHT = 4;

    /** Pays for our timer and the listeners: 500 ms, or a tenth of the TTL if that is more. */
    Duration margin() {
        return max(Duration.ofMillis(500), part(10));
    }

    /**
     * Until when a hold can be trusted if the request sent at {@code sentAt} succeeded. The store counts from when it handled the
     * request, which is not before it was sent, so it cannot give the lock away earlier.
     */
    long localDeadline(long sentAt) {
        return sentAt + ttl.minus(part(DRIFT_DIVISOR)).minus(margin()).toNanos();
    }

    /**
     * How far the clocks may move apart before nothing is trusted. The margin covers a machine that slept for less, and half of it is
     * left for our timers.
     */
    Duration jumpTolerance() {
        return Duration.ofNanos(margin().toNanos() / 2);
    }

    Duration renewEvery() {
        return part(6);
    }

    /** When a renewal without an answer gets company. */
    Duration hedgeAfter() {
        return max(Duration.ofMillis(250), part(20));
    }

    Duration attemptTimeout() {
        return part(4);
    }

    /** Without a success for so long the session is suspect: one period and one attempt failed. */
    Duration suspectAfter() {
        return renewEvery().plus(attemptTimeout());
    }

    /** Without a success for so long the connection itself is in doubt. */
    Duration reconnectAfter() {
        return min(Duration.ofSeconds(10), part(3));
    }

    /**
     * The longest pause between two revokes of a lost session: not shorter than between its renewals, so that an outage that many do not
     * survive is no storm; but its lease is in the way of others.
     */
    Duration revokeEvery() {
        return min(Duration.ofSeconds(5), max(Duration.ofSeconds(1), renewEvery()));
    }

    /** How often a waiter reads although no watch told it to. */
    Duration pollEvery() {
        return min(Duration.ofSeconds(10), max(Duration.ofSeconds(1), part(3)));
    }

    /** Not by {@link Duration#dividedBy}, which goes through {@code BigDecimal}: this is asked at every grant. */
    private Duration part(long divisor) {
        return Duration.ofNanos(ttl.toNanos() / divisor);
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
