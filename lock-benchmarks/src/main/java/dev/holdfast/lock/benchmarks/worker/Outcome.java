package dev.holdfast.lock.benchmarks.worker;

import java.util.List;
import java.util.Map;

/**
 * What one worker has measured in its window. CPU times are those of a window that lasted exactly as long as planned.
 *
 * @param cyclesByThread cycles that began and ended within the window
 * @param cycleTimes histogram of nanoseconds for acquire and release, see {@link Latencies}
 * @param waitTimes for acquire alone, when the grant came within the window
 * @param handOverTimes from the begin of a release in another process to the grant here
 * @param longestWaitNanos also of waits that were not over at the end of the window
 * @param violations sections that met another one of the same name
 * @param sizes whatever else the task looks at, by the name it has in the results
 */
public record Outcome(
        List<Long> cyclesByThread,
        String cycleTimes,
        String waitTimes,
        String handOverTimes,
        long longestWaitNanos,
        double clientCpuSeconds,
        double serverCpuSeconds,
        long violations,
        Map<String, Double> sizes) {

    /** Of a task that runs no cycles. */
    static Outcome ofSizes(
            double clientCpuSeconds, double serverCpuSeconds, long violations, Map<String, Double> sizes) {
        String none = new Latencies().encoded();
        return new Outcome(List.of(), none, none, none, 0, clientCpuSeconds, serverCpuSeconds, violations, sizes);
    }
}
