package dev.holdfast.lock;

import java.time.Duration;
import java.util.Map;

/**
 * How a lock is taken and kept. Immutable; start from {@link #defaults()} and change with {@code withX}.
 *
 * @param ttl how long the lock outlives a holder that died or was cut off, and how often it must be renewed (every sixth of it); whole
 *     seconds, {@link #MIN_TTL} to {@link #MAX_TTL}; default 30 s
 * @param renew whether the lock is renewed until released; if not, it is lost when the TTL has passed; default true
 * @param waitTime how long {@link LeaseLock#acquire()} waits for other holders; zero: not at all; default 10 s
 * @param maxHold longest time a hold may last, however often it is renewed, counted from the grant; then it is lost with {@link
 *     LockLoss.Reason#MAX_HOLD}, and others come in a tenth of it later (at least 100 ms, at most the safety margin of the TTL), or when it is released; zero
 *     (default): no limit
 * @param holdAtLeast for how long after the grant others stay out, even if the hold is released sooner; survives {@link
 *     LockRegistry#close()} and the end of the process after it, but not a crash or another loss, which frees the name with the TTL; zero
 *     (default): released at once
 * @param metadata texts stored with the hold, for people who inspect it; not secret
 * @param metricName value of the tag {@code lock} in metrics, so of low cardinality; empty: {@code other}
 */
public record LockOptions(
        Duration ttl,
        boolean renew,
        Duration waitTime,
        Duration maxHold,
        Duration holdAtLeast,
        Map<String, String> metadata,
        String metricName) {

    /** Below this a renewal has too little time for a second and third attempt. */
    public static final Duration MIN_TTL = Duration.ofSeconds(5);

    /** Above this etcd checkpoints leases, and a dead holder blocks for too long. */
    public static final Duration MAX_TTL = Duration.ofSeconds(300);

    /** Greatest number of permits of a semaphore: an acquire reads the keys of all who hold or wait. */
    public static final int MAX_PERMITS = 1_000;

    /** Greatest number of names of {@link LockRegistry#allOf}: two operations for each fit into the 128 that etcd takes in a transaction. */
    public static final int MAX_NAMES = 60;

    /** A year is beyond any sensible wait and still far from an overflow in nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final LockOptions DEFAULTS = new LockOptions(
            Duration.ofSeconds(30), true, Duration.ofSeconds(10), Duration.ZERO, Duration.ZERO, Map.of(), "");

    public LockOptions {
        if (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0 || ttl.getNano() != 0) {
            throw new IllegalArgumentException("ttl is " + ttl + "; give whole seconds from " + MIN_TTL.toSeconds()
                    + " s to " + MAX_TTL.toSeconds() + " s");
        }
        if (waitTime.isNegative()) {
            throw new IllegalArgumentException("waitTime is " + waitTime + "; give zero (do not wait) or more");
        }
        if (maxHold.isNegative()) {
            throw new IllegalArgumentException("maxHold is " + maxHold + "; give zero (no limit) or more");
        }
        if (holdAtLeast.isNegative()) {
            throw new IllegalArgumentException("holdAtLeast is " + holdAtLeast + "; give zero (no minimum) or more");
        }
        waitTime = capped(waitTime);
        maxHold = capped(maxHold);
        holdAtLeast = capped(holdAtLeast);
        if (!maxHold.isZero() && holdAtLeast.compareTo(maxHold) > 0) {
            throw new IllegalArgumentException("holdAtLeast is " + holdAtLeast + " and maxHold " + maxHold
                    + "; a lock cannot be kept longer than it may be held");
        }
        metadata = Map.copyOf(metadata);
    }

    public static LockOptions defaults() {
        return DEFAULTS;
    }

    public LockOptions withTtl(Duration ttl) {
        return new LockOptions(ttl, renew, waitTime, maxHold, holdAtLeast, metadata, metricName);
    }

    public LockOptions withRenew(boolean renew) {
        return new LockOptions(ttl, renew, waitTime, maxHold, holdAtLeast, metadata, metricName);
    }

    public LockOptions withWaitTime(Duration waitTime) {
        return new LockOptions(ttl, renew, waitTime, maxHold, holdAtLeast, metadata, metricName);
    }

    public LockOptions withMaxHold(Duration maxHold) {
        return new LockOptions(ttl, renew, waitTime, maxHold, holdAtLeast, metadata, metricName);
    }

    public LockOptions withHoldAtLeast(Duration holdAtLeast) {
        return new LockOptions(ttl, renew, waitTime, maxHold, holdAtLeast, metadata, metricName);
    }

    public LockOptions withMetadata(Map<String, String> metadata) {
        return new LockOptions(ttl, renew, waitTime, maxHold, holdAtLeast, metadata, metricName);
    }

    public LockOptions withMetricName(String metricName) {
        return new LockOptions(ttl, renew, waitTime, maxHold, holdAtLeast, metadata, metricName);
    }

    private static Duration capped(Duration duration) {
        return duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
    }
}
