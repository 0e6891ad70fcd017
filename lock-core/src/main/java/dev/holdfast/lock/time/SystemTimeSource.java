package dev.holdfast.lock.time;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The machine's clocks and one daemon thread for timers. After {@link #close()} timers no longer fire. */
public final class SystemTimeSource implements TimeSource, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SystemTimeSource.class);

    private final ScheduledThreadPoolExecutor timers;

    public SystemTimeSource() {
        timers = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "holdfast-timer");
            thread.setDaemon(true);
            return thread;
        });
        timers.setRemoveOnCancelPolicy(true);
        timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long wallMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        try {
            Future<?> future = timers.schedule(() -> runLogged(task), delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException closed) {
            return () -> {};
        }
    }

    /** A task that throws would vanish in its future; a dead renewal must at least be seen. */
    private static void runLogged(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            log.error("A timer task failed; this is a bug in Holdfast", failure);
        }
    }

    @Override
    public void close() {
        timers.shutdownNow();
    }
}
