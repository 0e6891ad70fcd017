package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names each lock that was lost for a reason of its own, as when somebody deleted its key; those that end with their session are named
 * there. Somebody who deletes all keys at once gets no line for each. Thread-safe.
 */
final class LossLog {

    private static final Logger log = LoggerFactory.getLogger(LossLog.class);

    private static final int MOST = 20;
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final TimeSource time;
    private long windowEnd;
    private int inWindow = -1;

    LossLog(TimeSource time) {
        this.time = time;
    }

    void lost(LockLoss loss, String thread, Duration held) {
        int number = count();
        if (number < MOST) {
            log.warn(
                    "Lock '{}' is lost ({}): {}. Thread '{}' had held it for {} ms; others may hold it next",
                    loss.name(),
                    loss.reason().tag(),
                    loss.detail(),
                    thread,
                    held.toMillis());
        } else if (number == MOST) {
            log.warn(
                    "More locks are lost; no further one is named within {} s of the first. Listeners are told of all, and the metric"
                            + " holdfast.lock.lost counts them",
                    WINDOW.toSeconds());
        }
    }

    private synchronized int count() {
        long now = time.nanoTime();
        if (inWindow < 0 || now - windowEnd >= 0) {
            windowEnd = now + WINDOW.toNanos();
            inWindow = 0;
        }
        return inWindow++;
    }
}
