package dev.holdfast.lock.time;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Clocks and timers. Thread-safe. A timer's task runs on a thread of the source; it must be short and must not block. */
public interface TimeSource {

    /** Monotonic clock as {@link System#nanoTime()}: compare by difference only. */
    long nanoTime();

    /** Wall clock in milliseconds since the epoch: for display and to detect clock jumps, never to measure. */
    long wallMillis();

    /** Runs the task once after the delay (at once if not positive), unless cancelled before. */
    Timer schedule(Duration delay, Runnable task);

    /**
     * Blocks the calling thread until the future is complete, in whatever way, but not longer than that; tells whether it is. Here and
     * not in the callers, so that a simulation can block its threads in its own time.
     */
    default boolean await(Future<?> future, Duration atMost) throws InterruptedException {
        try {
            future.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException | CancellationException completed) {
            return true;
        } catch (TimeoutException tooLong) {
            return false;
        }
    }

    /** A scheduled task. */
    interface Timer {

        /** Keeps the task from running if it has not started; no effect otherwise. */
        void cancel();
    }
}
