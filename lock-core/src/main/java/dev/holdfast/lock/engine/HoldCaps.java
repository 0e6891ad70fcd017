package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * For how long a hold may last and for how long it must stay in the way of others. One atomic step decides between an extension and the
 * passing of {@code maxHold}: who has once seen it pass is not contradicted later. Thread-safe; computed from the clock, no timer.
 */
final class HoldCaps {

    /** Stands for no limit, and is far from an overflow in nanoseconds. */
    static final Duration UNLIMITED = Duration.ofDays(365);

    private enum State {
        OPEN,
        /** {@code maxHold} has passed. */
        SPENT,
        /** The hold ended for another cause. */
        SETTLED
    }

    /** @param from when both began to count */
    private record Caps(long from, Duration maxHold, Duration holdAtLeast, State state) {

        /** Of most holds: neither, so it does not matter from when. */
        private static final Caps NONE = new Caps(0, Duration.ZERO, Duration.ZERO, State.OPEN);

        private static final Caps NONE_SETTLED = new Caps(0, Duration.ZERO, Duration.ZERO, State.SETTLED);

        private static Caps of(long from, LockOptions options) {
            return options.maxHold().isZero() && options.holdAtLeast().isZero()
                    ? NONE
                    : new Caps(from, options.maxHold(), options.holdAtLeast(), State.OPEN);
        }

        private Caps in(State next) {
            return this == NONE && next == State.SETTLED ? NONE_SETTLED : new Caps(from, maxHold, holdAtLeast, next);
        }

        private boolean overAt(long now) {
            return !maxHold.isZero() && now - from >= maxHold.toNanos();
        }
    }

    private final TimeSource time;
    private final AtomicReference<Caps> caps;

    HoldCaps(TimeSource time, long from, LockOptions options) {
        this(time, Caps.of(from, options));
    }

    private HoldCaps(TimeSource time, Caps caps) {
        this.time = time;
        this.caps = new AtomicReference<>(caps);
    }

    /** The same times for a hold that follows on this one without a gap. */
    HoldCaps goingOn() {
        return new HoldCaps(time, now().in(State.OPEN));
    }

    /** Whether the hold lasted until {@code maxHold} had passed; once true, always true. */
    boolean spent() {
        while (true) {
            Caps seen = now();
            if (seen.state != State.OPEN || !seen.overAt(time.nanoTime())) {
                return seen.state == State.SPENT;
            }
            if (caps.compareAndSet(seen, seen.in(State.SPENT))) {
                return true;
            }
        }
    }

    /** Counts both anew from now; false if the hold has ended, or its time has passed. */
    boolean extend(LockOptions options) {
        while (true) {
            Caps seen = now();
            long now = time.nanoTime();
            if (seen.state != State.OPEN || seen.overAt(now)) {
                return false;
            }
            if (caps.compareAndSet(seen, Caps.of(now, options))) {
                return true;
            }
        }
    }

    /** The hold has ended: no extension from now on. */
    void settle() {
        caps.updateAndGet(seen -> seen.state == State.OPEN ? seen.in(State.SETTLED) : seen);
    }

    /** The hold has ended without anybody having known of it: it owes nothing. */
    void waive() {
        caps.updateAndGet(seen -> new Caps(seen.from, seen.maxHold, Duration.ZERO, State.SETTLED));
    }

    /** Whether there is a {@code maxHold}. */
    boolean limited() {
        return !now().maxHold.isZero();
    }

    Duration maxHold() {
        return now().maxHold;
    }

    /** Until {@code maxHold} has passed. */
    Duration left() {
        Caps seen = now();
        return seen.maxHold.isZero() ? UNLIMITED : until(seen.from + seen.maxHold.toNanos());
    }

    /** When {@code holdAtLeast} is over, on the monotonic clock; only if there is one. */
    long keptUntil() {
        Caps seen = now();
        return seen.from + seen.holdAtLeast.toNanos();
    }

    /** Whether others must stay out even if the hold ends now. */
    boolean owing() {
        return !now().holdAtLeast.isZero() && !until(keptUntil()).isZero();
    }

    private Caps now() {
        return Objects.requireNonNull(caps.get());
    }

    private Duration until(long moment) {
        return Duration.ofNanos(Math.max(0, moment - time.nanoTime()));
    }
}
