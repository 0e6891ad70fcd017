package dev.holdfast.lock;

import java.time.Duration;

/**
 * How a registry passes an exclusive lock from one of its callers to the next without asking etcd. Both bounds keep the others of the
 * name waiting no longer than that: then the key is given back and queues anew behind them, in one transaction. While nobody else
 * waits for the name, which is asked about while the lock is passed on, only {@code maxTime} counts, from the last such answer; where etcd
 * is slow to answer, up to ten times that.
 *
 * @param enabled whether locks are passed on at all
 * @param maxCount how often in a row at most while others wait; at least 1
 * @param maxTime how long in a row at most; at least 1 ms, at most 1 s
 */
public record HandOver(boolean enabled, int maxCount, Duration maxTime) {

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofSeconds(1);

    /** @throws IllegalArgumentException if a bound is out of its range */
    public HandOver {
        if (maxCount < 1) {
            throw new IllegalArgumentException(
                    "hand-over: max-count is " + maxCount + "; give at least 1, or switch the hand-over off");
        }
        if (maxTime.compareTo(SHORTEST) < 0 || maxTime.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("hand-over: max-time is " + maxTime
                    + "; give 1 ms to 1 s: so long others may have to wait for those of one process");
        }
    }

    /** On; at most 64 times and 10 ms in a row, which costs a name busy in several processes less than a tenth of its time. */
    public static HandOver defaults() {
        return new HandOver(true, 64, Duration.ofMillis(10));
    }

    /** Every caller queues in etcd. */
    public static HandOver disabled() {
        HandOver bounds = defaults();
        return new HandOver(false, bounds.maxCount(), bounds.maxTime());
    }
}
