package dev.holdfast.lock;

import java.util.List;

/**
 * Names in use, in the order of their keys.
 *
 * @param names some of them, each with all its entries counted
 * @param next where the next page begins; empty if there is none
 */
public record LockPage(List<Usage> names, String next) {

    public LockPage {
        names = List.copyOf(names);
    }

    /** Whether there are more names than these. */
    public boolean truncated() {
        return !next.isEmpty();
    }

    /**
     * How much a name is in use.
     *
     * @param kind of its oldest entry
     * @param permits of a semaphore; 1 otherwise
     * @param holders number of entries that hold
     * @param waiters number of entries that wait; a registry has one of these, however many of its callers wait for an exclusive lock
     */
    public record Usage(String name, LockEntry.Kind kind, int permits, int holders, int waiters) {}
}
