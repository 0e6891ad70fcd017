package dev.holdfast.lock.history;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One process: when it ran, what it closed, which sessions it had. */
final class ProcessRecord {

    boolean killed;

    @Nullable
    Event closing;

    long stoppedBeforeClosing;

    /** Ends of sessions by lease. */
    final Map<Long, Event> ended = new HashMap<>();

    /** By name: the latest call that was served. */
    final Map<String, Event> served = new HashMap<>();

    private boolean stopped;
    private boolean everStopped;
    private long stoppedAt;
    private long continuedAt;
    private long stoppedInAll;

    void stop(long at) {
        if (!stopped) {
            stopped = true;
            everStopped = true;
            stoppedAt = at;
        }
    }

    void resume(long at) {
        if (stopped) {
            stopped = false;
            continuedAt = at;
            stoppedInAll += at - stoppedAt;
        }
    }

    /** Nanoseconds it has been stopped until then, now or earlier. */
    long stopped(long at) {
        return stoppedInAll + (stopped ? at - stoppedAt : 0);
    }

    boolean stoppedSince(long at) {
        return everStopped && (stopped || continuedAt >= at);
    }
}
