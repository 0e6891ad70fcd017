package dev.holdfast.lock.etcd;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Connections that are being closed, each on a thread of its own, since that may block. Thread-safe. */
final class Closings {

    private final Set<Thread> underWay = ConcurrentHashMap.newKeySet();

    void begin(Runnable close) {
        Thread thread = new Thread(() -> run(close), "holdfast-etcd-close");
        thread.setDaemon(true);
        underWay.add(thread);
        thread.start();
    }

    private void run(Runnable close) {
        try {
            close.run();
        } finally {
            underWay.remove(Thread.currentThread());
        }
    }

    /** Waits for all that have begun, together no longer than that. */
    void await(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (Thread each : underWay) {
            // Called from what a closing one runs, nobody else would end it.
            if (each != Thread.currentThread()) {
                TimeUnit.NANOSECONDS.timedJoin(each, deadline - System.nanoTime());
            }
        }
    }
}
