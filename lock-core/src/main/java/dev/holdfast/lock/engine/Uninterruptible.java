package dev.holdfast.lock.engine;

import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.Future;

/** Waiting without regard to interrupts; whoever is interrupted meanwhile learns of it afterwards, by the thread's flag. */
final class Uninterruptible {

    private Uninterruptible() {}

    /** Waits until the future is complete, at most so long; whether it is. */
    static boolean await(TimeSource time, Future<?> future, Duration atMost) {
        long deadline = time.nanoTime() + atMost.toNanos();
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return time.await(future, Duration.ofNanos(Math.max(0, deadline - time.nanoTime())));
                } catch (InterruptedException interrupt) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
