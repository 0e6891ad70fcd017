package dev.holdfast.lock.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Calls of users' code that must not overlap: one at a time and in order, on the callback executor. Nobody waits for them here. */
final class Turns {

    private final Callbacks callbacks;
    private final Queue<Runnable> due = new ConcurrentLinkedQueue<>();
    private final Mailbox turns = new Mailbox();
    private volatile @Nullable Thread running;

    Turns(Callbacks callbacks) {
        this.callbacks = callbacks;
    }

    void execute(Runnable turn) {
        due.add(turn);
        // Two tasks of an executor may start in either order, so each takes the oldest turn and not its own.
        callbacks.run(() -> turns.execute(this::next));
    }

    /** Whether the calling thread is inside one: it must not wait for those behind it. */
    boolean runningHere() {
        return running == Thread.currentThread();
    }

    private void next() {
        Runnable turn = due.poll();
        if (turn != null) {
            running = Thread.currentThread();
            try {
                turn.run();
            } finally {
                running = null;
            }
        }
    }
}
