package dev.holdfast.lock.history;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One hold, known by name and number; of several names at once, the same for each of them. */
final class HoldRecord {

    /** Create revision of the entry by which it is held. */
    long entry;

    /** Its fencing token; 0: none, as far as is known. */
    long token;

    /** When that was drawn, if it had none at first. */
    @Nullable
    Event drawn;

    /** The first that was heard of it. */
    @Nullable
    Event first;

    @Nullable
    Event granted;

    /** As it was asked for; the entry in the store has its own. */
    Terms asked = Terms.EXCLUSIVE;

    /** The first time its handle said no. */
    @Nullable
    Event denied;

    @Nullable
    Event toldOfIt;

    @Nullable
    Event downgrading;

    /** How many events had been read before that. */
    long downgradingPosition = Long.MAX_VALUE;

    /** Nanoseconds its process had been stopped before. */
    long stoppedBeforeDowngrading;

    @Nullable
    Event downgraded;

    /** The end of the downgrade, if its entry does not say so. */
    @Nullable
    Event keepsReadersOut;

    @Nullable
    Event releasing;

    /** Nanoseconds its process had been stopped before that. */
    long stoppedBeforeReleasing;

    /** When that was, who had waited longest behind its entry. */
    @Nullable
    Event waitingBehind;

    @Nullable
    Event released;

    /** Whether what the release promises was done when it was told, and is not left to go on by itself. */
    boolean settled;

    /** The ends of the sessions of the process that gave it back, and the lease of its entry, since it was given back. */
    Map<Long, Event> sessionEnds = Map.of();

    long lease;

    /** Whether its entry, if it stands, is nobody's business any more. */
    boolean parted;

    /** The first grant of the name to the same process while this one was neither given back nor lost. */
    @Nullable
    Event nextGrant;

    @Nullable
    Event lost;

    @Nullable
    Event interference;

    int toldAcquired;
    int toldEnded;

    /** No other may have the name before that, by the fastest of clocks; nor need it stand after the second, by the slowest. */
    long keptUntil = Long.MIN_VALUE;

    long keptAtMost = Long.MIN_VALUE;

    /** When its cap ends it, at the earliest and at the latest; {@link Long#MAX_VALUE}: never. */
    long capFrom = Long.MAX_VALUE;

    long capUntil = Long.MAX_VALUE;

    Terms terms() {
        return downgrading == null ? asked : asked.downgraded();
    }

    /** What it was when so many events had been read. */
    Terms termsAt(long position) {
        return position < downgradingPosition ? asked : asked.downgraded();
    }

    /** Whether its user says nothing of it any more. */
    boolean over() {
        return releasing != null || lost != null;
    }

    /** Whether others stay out then although it was given back. */
    boolean keeps(long at) {
        return settled && at < keptUntil && interference == null && lost == null && !endedWithItsLease();
    }

    /** A release also ends when the lease does, before the entry could be moved to one of its own: the name is free with the TTL then. */
    private boolean endedWithItsLease() {
        Event end = sessionEnds.get(lease);
        return end != null
                && releasing != null
                && released != null
                && end.at() >= releasing.at()
                && end.at() - released.at() <= Causes.TELLING_NANOS;
    }
}
