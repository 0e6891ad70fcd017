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
 * @param metadata texts stored with the hold, for people who inspect it; not secret
 * @param metricName value of the tag {@code lock} in metrics, so of low cardinality; empty: {@code other}
 */
public record LockOptions(
        Duration ttl, boolean renew, Duration waitTime, Map<String, String> metadata, String metricName) {

    /** Below this a renewal has too little time for a second and third attempt. */
    public static final Duration MIN_TTL = Duration.ofSeconds(5);

    /** Above this etcd checkpoints leases, and a dead holder blocks for too long. */
    public static final Duration MAX_TTL = Duration.ofSeconds(300);

    /** A year is beyond any sensible wait and still far from an overflow in nanoseconds. */
    private static final Duration MAX_WAIT = Duration.ofDays(365);

    private static final LockOptions DEFAULTS =
            new LockOptions(Duration.ofSeconds(30), true, Duration.ofSeconds(10), Map.of(), "");

    public LockOptions {
        if (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0 || ttl.getNano() != 0) {
            throw new IllegalArgumentException("ttl is " + ttl + "; give whole seconds from " + MIN_TTL.toSeconds()
                    + " s to " + MAX_TTL.toSeconds() + " s");
        }
        if (waitTime.isNegative()) {
            throw new IllegalArgumentException("waitTime is " + waitTime + "; give zero (do not wait) or more");
        }
        waitTime = waitTime.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : waitTime;
        metadata = Map.copyOf(metadata);
    }

    public static LockOptions defaults() {
        return DEFAULTS;
    }

    public LockOptions withTtl(Duration ttl) {
        return new LockOptions(ttl, renew, waitTime, metadata, metricName);
    }

    public LockOptions withRenew(boolean renew) {
        return new LockOptions(ttl, renew, waitTime, metadata, metricName);
    }

    public LockOptions withWaitTime(Duration waitTime) {
        return new LockOptions(ttl, renew, waitTime, metadata, metricName);
    }

    public LockOptions withMetadata(Map<String, String> metadata) {
        return new LockOptions(ttl, renew, waitTime, metadata, metricName);
    }

    public LockOptions withMetricName(String metricName) {
        return new LockOptions(ttl, renew, waitTime, metadata, metricName);
    }
}
