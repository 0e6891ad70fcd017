package dev.holdfast.lock.test;

import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.PriorityQueue;

/**
 * Time that passes only when a test says so. Timers run on the thread that calls {@link #advance}, in the order of their times. Not
 * thread-safe: for tests that do everything on one thread.
 */
public final class ManualTime implements TimeSource {

    private final PriorityQueue<Pending> timers = new PriorityQueue<>();
    private long nanos = 1_000_000_000L;
    private long wallNanos = Duration.ofDays(20_000).toNanos();
    private long sequence;

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public long wallMillis() {
        return wallNanos / 1_000_000;
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        Pending timer = new Pending(nanos + Math.max(0, delay.toNanos()), sequence++, task);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    /** Lets time pass and runs what becomes due, each timer at its own time. */
    public void advance(Duration duration) {
        long target = nanos + duration.toNanos();
        for (Pending next = timers.peek(); next != null && next.at - target <= 0; next = timers.peek()) {
            timers.remove(next);
            pass(Math.max(0, next.at - nanos));
            next.task.run();
        }
        pass(target - nanos);
    }

    /** Time passes, but no timer runs: the process was stopped. What became due runs at the next {@link #advance}. */
    public void pause(Duration duration) {
        pass(duration.toNanos());
    }

    /** The wall clock is set; the monotonic clock does not notice. */
    public void stepWallClock(Duration step) {
        wallNanos += step.toNanos();
    }

    private void pass(long duration) {
        nanos += duration;
        wallNanos += duration;
    }

    private static final class Pending implements Comparable<Pending> {

        private final long at;
        private final long order;
        private final Runnable task;

        private Pending(long at, long order, Runnable task) {
            this.at = at;
            this.order = order;
            this.task = task;
        }

        @Override
        public int compareTo(Pending other) {
            int byTime = Long.compare(at - other.at, 0);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }
}
