package dev.holdfast.lock.benchmarks.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Waits until client and server have come to rest, so that what came before is not counted as what rest costs. */
final class Rest {

    private static final Duration LOOK = Duration.ofMillis(500);

    /** Of one core. Renewals of thousands of locks, one by one, may cost a peer more: then the limit ends it. */
    private static final double BUSY = 0.25;

    private Rest() {}

    /** Returns when less than a quarter of a core was used for half a second, at the latest after the limit. */
    static void await(Assignment assignment, Duration limit) {
        List<Long> pids = new ArrayList<>(assignment.serverPids());
        pids.add(ProcessHandle.current().pid());
        long begin = System.nanoTime();
        double used;
        do {
            long from = System.nanoTime();
            double before = CpuTime.seconds(pids);
            Window.await(from + LOOK.toNanos());
            used = (CpuTime.seconds(pids) - before) * 1e9 / (System.nanoTime() - from);
        } while (used >= BUSY && System.nanoTime() - begin < limit.toNanos());
    }
}
