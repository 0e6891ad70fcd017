package dev.holdfast.lock.test;

import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * How long something takes where a real clock is the point. A machine that others share stalls for a moment now and then; what is too
 * slow of itself is so each time.
 */
public final class Quickest {

    private static final int ATTEMPTS = 3;

    private Quickest() {}

    /** What is measured from its begin to its end. */
    public interface Task {

        void run() throws Exception;
    }

    /** As {@link #of}, of a task. */
    public static Duration toRun(Duration limit, Task task) throws Exception {
        return of(limit, () -> {
            long begin = System.nanoTime();
            task.run();
            return Duration.ofNanos(System.nanoTime() - begin);
        });
    }

    /** The first of three measurements that is below the limit; if none is, the quickest. */
    public static Duration of(Duration limit, Callable<Duration> measurement) throws Exception {
        Duration quickest = measurement.call();
        for (int i = 1; i < ATTEMPTS && quickest.compareTo(limit) >= 0; i++) {
            Duration next = measurement.call();
            quickest = next.compareTo(quickest) < 0 ? next : quickest;
        }
        return quickest;
    }
}
