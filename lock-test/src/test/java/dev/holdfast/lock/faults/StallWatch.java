package dev.holdfast.lock.faults;

import dev.holdfast.lock.history.Event.Kind;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Notices when its process did not run for a while, for want of a processor or a disk, and writes that down as a stop: what a process
 * that does not run tells late is not the fault of its code. The thread does nothing else, so it is late only if all are.
 */
final class StallWatch implements Runnable {

    static final String STALLED = "stalled";

    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final EventLog log;

    private StallWatch(EventLog log) {
        this.log = log;
    }

    static void start(EventLog log) {
        Thread thread = new Thread(new StallWatch(log), "stall-watch");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        long last = System.nanoTime();
        while (true) {
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
            long now = System.nanoTime();
            if (now - last > STALL_NANOS) {
                log.write(last, Kind.STOPPED, "", 0, 0, STALLED);
                log.write(now, Kind.CONTINUED, "", 0, 0, STALLED);
            }
            last = now;
        }
    }
}
