package dev.holdfast.sample.journal;

import java.time.Instant;

/**
 * Something that happened to an instance.
 *
 * @param lock name of the lock it is about; empty if it is about none
 * @param words for people
 */
public record Happening(long id, Instant at, String instance, Kind kind, String lock, String words) {

    /** What it was, for whoever wants to colour it. */
    public enum Kind {
        /** Tickets were sold from the page. */
        SOLD,
        /** The instance ends itself without releasing anything. */
        CRASH,
        /** The instance has itself stopped. */
        FREEZE,
        /** The instance found that it had stood still. */
        STOOD_STILL,
        /** A lock was lost. */
        LOST,
        /** A write came with an outdated token. */
        REFUSED,
        /** A lock came from an instance that never gave it back. */
        TAKE_OVER
    }
}
