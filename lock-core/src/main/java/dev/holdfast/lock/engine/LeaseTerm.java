package dev.holdfast.lock.engine;

import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;

/**
 * Until when a lease can be believed to live, from what the store has confirmed: counted from when the confirmed request was sent, on
 * the monotonic clock, and worth nothing if the clocks have jumped since. Written by its session's events, read from anywhere.
 */
final class LeaseTerm {

    private final TimeSource time;
    private volatile SessionTiming timing;
    private volatile ClockReading confirmed;
    private volatile long localDeadline;

    LeaseTerm(TimeSource time, Duration ttl, ClockReading sentAt) {
        this.time = time;
        this.timing = new SessionTiming(ttl);
        this.confirmed = sentAt;
        this.localDeadline = timing.localDeadline(sentAt.nanos());
    }

    SessionTiming timing() {
        return timing;
    }

    /** A renewal sent then succeeded; false if a later one did before. */
    boolean confirm(ClockReading sentAt, Duration ttl) {
        if (sentAt.nanos() - confirmed.nanos() < 0) {
            return false;
        }
        SessionTiming granted = new SessionTiming(ttl);
        long deadline = granted.localDeadline(sentAt.nanos());
        timing = granted;
        confirmed = sentAt;
        if (deadline - localDeadline > 0) {
            localDeadline = deadline;
        }
        return true;
    }

    /** The lease was seen alive without being renewed: confirms, and can only bring the deadline nearer. */
    void shorten(ClockReading sentAt, Duration left) {
        long deadline = new SessionTiming(left).localDeadline(sentAt.nanos());
        if (deadline - localDeadline < 0) {
            localDeadline = deadline;
        }
        confirmed = sentAt;
    }

    /** Whether the local deadline has passed. */
    boolean over() {
        return time.nanoTime() - localDeadline >= 0;
    }

    /** Time to the local deadline. */
    Duration remaining() {
        return Duration.ofNanos(Math.max(0, localDeadline - time.nanoTime()));
    }

    /** Time since the last confirmed request was sent. */
    Duration unconfirmed() {
        return Duration.ofNanos(time.nanoTime() - confirmed.nanos());
    }

    /** Whether the clocks have jumped since then. */
    boolean jumped() {
        return ClockReading.of(time).jumpedSince(confirmed, timing.jumpTolerance());
    }
}
