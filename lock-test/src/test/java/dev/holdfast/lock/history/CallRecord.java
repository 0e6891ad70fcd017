package dev.holdfast.lock.history;

import org.jspecify.annotations.Nullable;

/** One call as far as it is known. */
final class CallRecord {

    final Event requested;

    /** Nanoseconds its process had been stopped before. */
    final long stoppedBefore;

    @Nullable
    Event ended;

    @Nullable
    Event interrupted;

    long stoppedBeforeInterrupt;

    CallRecord(Event requested, long stoppedBefore) {
        this.requested = requested;
        this.stoppedBefore = stoppedBefore;
    }

    Terms terms() {
        return requested.terms();
    }

    /** Whether it does not wait for others. */
    boolean once() {
        return requested.detail().equals(Event.TRY);
    }
}
