package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockLoss;
import java.util.function.Consumer;

/**
 * Interrupts a thread on loss of its lock, but only between {@link #enter()} and {@link #exit()}. Both and the interrupt exclude each
 * other, so no interrupt can reach the thread after the last exit.
 */
final class BodyInterrupt implements Consumer<LockLoss> {

    private final Thread thread;
    private int depth;
    private boolean unreported;

    BodyInterrupt(Thread thread) {
        this.thread = thread;
    }

    synchronized void enter() {
        depth++;
    }

    /** Whether the flag was set by us since the last exit; then it is the caller's to clear. */
    synchronized boolean exit() {
        depth--;
        boolean ours = unreported;
        unreported = false;
        return ours;
    }

    synchronized boolean isIdle() {
        return depth == 0;
    }

    @Override
    public synchronized void accept(LockLoss loss) {
        // A flag that is already set belongs to somebody else and must survive us.
        if (depth > 0 && !thread.isInterrupted()) {
            unreported = true;
            thread.interrupt();
        }
    }
}
