package dev.holdfast.lock.test.control;

import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machine's clock plus what a test adds, so that nothing hangs if the test adds nothing. Timers run on one thread, each at its own
 * time also when much time is added at once. Thread-safe.
 */
final class ShiftedTime implements TimeSource, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ShiftedTime.class);

    /** How long a waiting thread goes without a look at how things are. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** Who waits longer than that waits for ever; it stays a wait until the test does something. */
    private static final Duration LONGEST_FLIGHT = Duration.ofDays(1);

    private final long startedAt = System.nanoTime();
    private final long wallAtStart = System.currentTimeMillis();
    private final PriorityQueue<Pending> timers = new PriorityQueue<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** A thread that reads both clocks must not see time added between the two: it would look like a jump of one of them. */
    private final ThreadLocal<Long> lastReading = new ThreadLocal<>();

    private final BooleanSupplier inVain;
    private final Thread thread;
    private volatile long added;

    // Guarded by the lock:
    private long sequence;
    private boolean running;
    private boolean closed;

    /** @param inVain whether those who wait now would wait for nothing but the passing of time */
    ShiftedTime(BooleanSupplier inVain) {
        this.inVain = inVain;
        this.thread = new Thread(this::runTimers, "holdfast-test-timer");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public long nanoTime() {
        long now = System.nanoTime() + added;
        lastReading.set(now);
        return now;
    }

    @Override
    public long wallMillis() {
        Long reading = lastReading.get();
        lastReading.remove();
        long now = reading == null ? System.nanoTime() + added : reading;
        return wallAtStart + (now - startedAt) / 1_000_000;
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        lock.lock();
        try {
            Pending timer = new Pending(now() + Math.max(0, delay.toNanos()), sequence++, task);
            if (!closed) {
                timers.add(timer);
                changed.signalAll();
            }
            return () -> cancel(timer);
        } finally {
            lock.unlock();
        }
    }

    /** As the interface says; but while it is in vain time passes by itself, from one timer to the next. */
    @Override
    public boolean await(Future<?> future, Duration atMost) throws InterruptedException {
        long deadline = now() + atMost.toNanos();
        while (!future.isDone()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long left = deadline - now();
            if (left <= 0) {
                return false;
            }
            if (Thread.currentThread() != thread && atMost.compareTo(LONGEST_FLIGHT) <= 0 && inVain.getAsBoolean()) {
                advanceTo(nextTimer(deadline));
            } else {
                look(future, Math.min(left, LOOK_NANOS));
            }
        }
        return true;
    }

    /** Lets time pass; returns when all that became due meanwhile has run. */
    void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("Time can only move on, not by " + duration);
        }
        advanceTo(now() + duration.toNanos());
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            timers.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private long now() {
        return System.nanoTime() + added;
    }

    private static void look(Future<?> future, long nanos) throws InterruptedException {
        try {
            future.get(nanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException | CancellationException completed) {
            // Told by isDone.
        } catch (TimeoutException notYet) {
            // Looked at again.
        }
    }

    private long nextTimer(long atLatest) {
        lock.lock();
        try {
            Pending next = timers.peek();
            return next == null || next.at - atLatest > 0 ? atLatest : next.at;
        } finally {
            lock.unlock();
        }
    }

    private void advanceTo(long target) {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException("Time cannot be moved on by what runs at its time");
        }
        lock.lock();
        try {
            while (!closed) {
                awaitQuiet();
                Pending next = timers.peek();
                boolean last = next == null || next.at - target > 0;
                long step = (last ? target : next.at) - now();
                if (step > 0) {
                    added += step;
                    changed.signalAll();
                }
                if (last) {
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Until nothing runs and nothing is due. */
    private void awaitQuiet() {
        while (!closed && (running || due())) {
            changed.awaitUninterruptibly();
        }
    }

    private boolean due() {
        Pending next = timers.peek();
        return next != null && next.at - now() <= 0;
    }

    private void cancel(Pending timer) {
        lock.lock();
        try {
            timers.remove(timer);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void runTimers() {
        lock.lock();
        try {
            while (!closed) {
                Pending next = timers.peek();
                if (next == null) {
                    changed.awaitUninterruptibly();
                } else if (next.at - now() > 0) {
                    pause(next.at - now());
                } else {
                    timers.remove(next);
                    run(next.task);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void pause(long nanos) {
        try {
            changed.awaitNanos(nanos);
        } catch (InterruptedException nobodyInterrupts) {
            // Looked at again.
        }
    }

    private void run(Runnable task) {
        running = true;
        lock.unlock();
        try {
            task.run();
        } catch (RuntimeException | Error failure) {
            log.error("A timer task failed", failure);
        } finally {
            lock.lock();
            running = false;
            changed.signalAll();
        }
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
