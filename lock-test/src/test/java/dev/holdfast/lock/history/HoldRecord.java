package dev.holdfast.lock.history;

import org.jspecify.annotations.Nullable;

/** One hold, known by name and token. */
final class HoldRecord {

    @Nullable
    Event granted;

    boolean claimed;

    @Nullable
    Event lost;

    @Nullable
    Event interference;

    int toldAcquired;
    int toldEnded;
}
