package dev.holdfast.lock.benchmarks.worker;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The time in which is measured, on the clock that all processes of a machine share.
 *
 * @param warmUp begin of the work, as {@link System#nanoTime()}
 */
record Window(long warmUp, long begin, long end) {

    static Window after(long warmUp, Assignment assignment) {
        long begin = warmUp + TimeUnit.MILLISECONDS.toNanos(assignment.warmUpMillis());
        return new Window(warmUp, begin, begin + TimeUnit.MILLISECONDS.toNanos(assignment.windowMillis()));
    }

    boolean contains(long nanos) {
        return nanos - begin >= 0 && nanos - end <= 0;
    }

    boolean over(long now) {
        return now - end >= 0;
    }

    static void await(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** One of the same length for who need not keep to a common time. To be called when this one has begun. */
    Window fromNow() {
        long now = System.nanoTime();
        return new Window(now, now, now + (end - begin));
    }

    /** Waits for the window and measures it to its end. */
    Cpu measureCpu(Assignment assignment) {
        List<Long> self = List.of(ProcessHandle.current().pid());
        await(begin);
        long from = System.nanoTime();
        double client = CpuTime.seconds(self);
        double server = CpuTime.seconds(assignment.serverPids());
        await(end);
        double clientUsed = CpuTime.seconds(self) - client;
        double serverUsed = CpuTime.seconds(assignment.serverPids()) - server;
        // On a busy machine this thread is late, at either end.
        long measured = System.nanoTime() - from;
        if (measured < (end - begin) / 2) {
            return new Cpu(Double.NaN, Double.NaN);
        }
        double scale = (double) (end - begin) / measured;
        return new Cpu(clientUsed * scale, serverUsed * scale);
    }

    /** Seconds of CPU time within the window; NaN if too little of it was seen. */
    record Cpu(double clientSeconds, double serverSeconds) {}
}
