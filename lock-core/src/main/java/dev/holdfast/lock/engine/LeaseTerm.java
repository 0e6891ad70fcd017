package dev.holdfast.lock.engine;

import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Until when a lease can be believed to live, from what the store has confirmed: counted from when the confirmed request was sent, on
 * the monotonic clock, and worth nothing if the clocks have jumped since. Written by its session's events, read from anywhere.
 */
final class LeaseTerm {

    private final TimeSource time;
    private volatile SessionTiming timing;
    private volatile ClockReading confirmed;
    private volatile long localDeadline;

    /** The first look that saw a jump not confirmed since. Kept, because a second jump can hide the first from later looks. */
    private volatile @Nullable ClockReading jumpSeenAt;

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
        confirmedAt(sentAt);
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
        confirmedAt(sentAt);
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
        if (jumpSeenAt != null) {
            return true;
        }
        ClockReading now = ClockReading.of(time);
        boolean jumped = now.jumpedSince(confirmed, timing.jumpTolerance());
        if (jumped) {
            jumpSeenAt = now;
        }
        return jumped;
    }

    /** Whether somebody has looked and seen it. */
    boolean jumpSeen() {
        return jumpSeenAt != null;
    }

    /** Whether the wall clock says that the lease has ended: the monotonic clock stops in a machine that is suspended. */
    boolean outslept() {
        // Cheap first: every release asks.
        return time.wallMillis() - confirmed.wallMillis() >= timing.ttl().toMillis() && jumped();
    }

    private void confirmedAt(ClockReading sentAt) {
        confirmed = sentAt;
        ClockReading seen = jumpSeenAt;
        if (seen != null && sentAt.nanos() - seen.nanos() >= 0) {
            jumpSeenAt = null;
        }
    }
}
