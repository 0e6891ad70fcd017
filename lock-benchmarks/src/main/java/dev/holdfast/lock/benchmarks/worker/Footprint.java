package dev.holdfast.lock.benchmarks.worker;

import java.lang.management.ManagementFactory;

/**
 * What this process occupies.
 *
 * @param heapBytes after a full collection
 */
record Footprint(long heapBytes, int threads) {

    private static final int COLLECTIONS = 3;

    static Footprint now() {
        // One does not do: what a collection makes reachable for cleaners goes with the next.
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return new Footprint(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                ManagementFactory.getThreadMXBean().getThreadCount());
    }

    double heapSince(Footprint before, int parts) {
        return (double) (heapBytes - before.heapBytes) / parts;
    }
}
