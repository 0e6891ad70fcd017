package dev.holdfast.lock.engine;

import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;

/**
 * Both clocks at one moment. If the wall clock has moved against the monotonic clock between two readings, one of them cannot be
 * believed: a machine that was suspended stops the monotonic clock, and a dead lease would look alive. An ordinary step of the wall
 * clock looks the same and only costs a renewal.
 *
 * @param nanos monotonic, compared by difference only
 * @param wallMillis since the epoch
 */
record ClockReading(long nanos, long wallMillis) {

    /** A thread that is stopped between the two looks would see a jump where there is none; then look again. */
    private static final long ONE_LOOK_NANOS = 5_000_000;

    static ClockReading of(TimeSource time) {
        ClockReading reading;
        int looks = 0;
        do {
            reading = new ClockReading(time.nanoTime(), time.wallMillis());
        } while (time.nanoTime() - reading.nanos > ONE_LOOK_NANOS && ++looks < 3);
        return reading;
    }

    /** Whether the clocks moved apart between the two readings by more than that. */
    boolean jumpedSince(ClockReading earlier, Duration tolerance) {
        long wall = wallMillis - earlier.wallMillis;
        long monotonic = (nanos - earlier.nanos) / 1_000_000;
        return Math.abs(wall - monotonic) > tolerance.toMillis();
    }
}
