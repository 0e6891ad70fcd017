package dev.holdfast.lock.engine;

import dev.holdfast.lock.time.TimeSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Notices when wall clock and monotonic clock move apart by more than a second at once. A suspended virtual machine stops the
 * monotonic clock, so a dead lock would look held; after a jump nothing is trusted until a renewal sent later has succeeded. An
 * ordinary step of the wall clock only costs that renewal. Thread-safe.
 */
final class ClockJump {

    private static final long THRESHOLD_MILLIS = 1_000;

    /** Slow drift moves the baseline along; small moves are not worth a write on every check. */
    private static final long FOLLOW_MILLIS = 100;

    private final TimeSource time;
    private final Runnable onJump;
    private final AtomicLong baseline;
    private volatile boolean jumped;
    private volatile long jumpedAt;

    ClockJump(TimeSource time, Runnable onJump) {
        this.time = time;
        this.onJump = onJump;
        this.baseline = new AtomicLong(offset());
    }

    /** Compares the clocks and says so if they jumped since the last check. */
    void check() {
        long before = baseline.get();
        long offset = offset();
        long moved = Math.abs(offset - before);
        if (moved <= THRESHOLD_MILLIS) {
            if (moved > FOLLOW_MILLIS) {
                baseline.compareAndSet(before, offset);
            }
            return;
        }
        // Marked before the baseline moves: whoever no longer sees the jump must see the mark.
        jumpedAt = time.nanoTime();
        jumped = true;
        if (baseline.compareAndSet(before, offset)) {
            onJump.run();
        }
    }

    /** Whether a request sent at that time says nothing about now, because the clocks jumped later. */
    boolean invalidates(long sentAt) {
        return jumped && sentAt - jumpedAt <= 0;
    }

    private long offset() {
        return time.wallMillis() - time.nanoTime() / 1_000_000;
    }
}
