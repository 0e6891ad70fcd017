package dev.holdfast.lock.history;

import org.jspecify.annotations.Nullable;

/** One hold, known by name and token. */
final class HoldRecord {

    @Nullable
    Event granted;

    boolean claimed;

    /** The first time its handle said no. */
    @Nullable
    Event denied;

    @Nullable
    Event toldOfIt;

    @Nullable
    Event releasing;

    /** Nanoseconds its process had been stopped before that. */
    long stoppedBeforeReleasing;

    @Nullable
    Event released;

    /** The first grant of the name to the same process while this one was neither given back nor lost. */
    @Nullable
    Event nextGrant;

    @Nullable
    Event lost;

    @Nullable
    Event interference;

    int toldAcquired;
    int toldEnded;
}
