package dev.holdfast.lock.faults;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Interrupts a thread after a while, but never after {@link #end()}. Of one thread at a time. */
final class Interrupter {

    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "interrupter");
        thread.setDaemon(true);
        return thread;
    });

    private int turn;
    private boolean on;

    synchronized void begin(Thread target, Duration after, Runnable before) {
        on = true;
        int mine = ++turn;
        TIMER.schedule(() -> interrupt(mine, target, before), after.toNanos(), TimeUnit.NANOSECONDS);
    }

    private synchronized void interrupt(int whose, Thread target, Runnable before) {
        if (on && turn == whose) {
            before.run();
            target.interrupt();
        }
    }

    /** On the target's own thread: its interrupt flag is clear afterwards. */
    synchronized void end() {
        on = false;
        Thread.interrupted();
    }
}
