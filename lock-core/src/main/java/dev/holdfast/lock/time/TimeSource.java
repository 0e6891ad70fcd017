package dev.holdfast.lock.time;

import java.time.Duration;

/** Clocks and timers. Thread-safe. A timer's task runs on a thread of the source; it must be short and must not block. */
public interface TimeSource {

    /** Monotonic clock as {@link System#nanoTime()}: compare by difference only. */
    long nanoTime();

    /** Wall clock in milliseconds since the epoch: for display and to detect clock jumps, never to measure. */
    long wallMillis();

    /** Runs the task once after the delay (at once if not positive), unless cancelled before. */
    Timer schedule(Duration delay, Runnable task);

    /** A scheduled task. */
    interface Timer {

        /** Keeps the task from running if it has not started; no effect otherwise. */
        void cancel();
    }
}
