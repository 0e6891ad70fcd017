package dev.holdfast.lock.benchmarks.worker;

import org.jspecify.annotations.Nullable;

/** One thread that acquires and releases until the window is over. What it has recorded may be read when it has ended. */
final class CycleLoop implements Runnable {

    private final Names names;
    private final @Nullable ExclusionFile exclusion;
    private final int thread;
    private final Window window;
    private final Latencies cycles = new Latencies();
    private final Latencies waits = new Latencies();
    private final Latencies handOvers = new Latencies();
    private long longestWait;
    private @Nullable Exception failure;

    CycleLoop(Names names, @Nullable ExclusionFile exclusion, int thread, Window window) {
        this.names = names;
        this.exclusion = exclusion;
        this.thread = thread;
        this.window = window;
    }

    @Override
    public void run() {
        Window.await(window.warmUp());
        try {
            while (!window.over(System.nanoTime())) {
                cycle();
            }
        } catch (Exception failed) {
            failure = failed;
        } finally {
            names.retire();
        }
    }

    private void cycle() throws Exception {
        Names.Named next = names.next();
        long asked = System.nanoTime();
        next.lock().acquire();
        long granted = System.nanoTime();
        long releasedElsewhere = section(next.slot());
        next.lock().release();
        long done = System.nanoTime();
        if (window.contains(granted) || window.contains(asked)) {
            // Also a wait that outlasts the window: leaving out those would hide who starves.
            longestWait = Math.max(longestWait, granted - Math.max(asked, window.begin()));
        }
        if (window.contains(granted)) {
            waits.record(granted - asked);
            if (releasedElsewhere != 0) {
                handOvers.record(granted - releasedElsewhere);
            }
        }
        if (window.contains(done)) {
            cycles.record(done - asked);
        }
    }

    private long section(int slot) {
        if (exclusion == null || !exclusion.enter(slot, thread)) {
            return 0;
        }
        long releasedElsewhere = exclusion.releasedElsewhere(slot);
        exclusion.exit(slot, thread, System.nanoTime());
        return releasedElsewhere;
    }

    Latencies cycles() {
        return cycles;
    }

    Latencies waits() {
        return waits;
    }

    Latencies handOvers() {
        return handOvers;
    }

    long longestWait() {
        return longestWait;
    }

    @Nullable
    Exception failure() {
        return failure;
    }
}
