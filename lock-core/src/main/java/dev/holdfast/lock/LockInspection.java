package dev.holdfast.lock;

import java.util.List;
import java.util.Optional;

/**
 * Shows who holds and who waits, in this process and in all others, and removes one of them by force. Thread-safe. What it shows was so
 * when it was read: nothing is held still meanwhile, so never decide by it whether to do what a lock protects.
 *
 * <p>All but {@link #local()} ask the store and block; each request takes at most the request timeout, and a long list takes several.
 * They throw {@link LockUnavailableException} if the store does not answer or refuses, and {@link IllegalStateException} when the
 * registry is closed.
 */
public interface LockInspection {

    /** Greatest number of names that one call of {@link #list(String, int)} may ask for. */
    int MAX_NAMES = 10_000;

    /** The first names in use that start with a text; as {@link #list(String, int, String)} from the beginning. */
    default LockPage list(String start, int limit) {
        return list(start, limit, "");
    }

    /**
     * Names in use, in the order of their keys, page by page. The store is read in small pieces, so very many names neither block it nor
     * exceed a message; between two pieces the world moves on. Keys that compete for no lock are left out.
     *
     * @param start what the names start with; empty: all
     * @param limit greatest number of names, 1 to {@link #MAX_NAMES}. With {@code encodeNames(false)} there can be more, since a page then
     *     does not end between a name and those below it
     * @param from where to begin: {@link LockPage#next()} of the page before, with the same {@code start}; empty: at the beginning
     * @throws IllegalArgumentException if an argument is not allowed
     */
    LockPage list(String start, int limit, String from);

    /**
     * All who hold or wait for a name, of whatever kind. Up to 1,000 of them are read at one moment.
     *
     * @throws IllegalArgumentException if the name is not allowed
     */
    LockQueue queue(String name);

    /**
     * Removes one entry, whoever's it is, and never another: neither a later one nor one of another name. For a holder that is stuck;
     * it is logged as a warning.
     *
     * <p><b>Not safe by itself.</b> The next in the queue has the lock at once, while the former holder learns that it is lost ({@link
     * LockLoss.Reason#KEY_DELETED}) with its next audit: after about a sixth of its TTL, at once if it is this registry's, never if it is
     * stopped or another program that does not look. Until then both hold; only a resource that checks the fencing token is safe. A
     * waiter that is removed is told so, its wait ends with {@link LockLostException}. Of a lock of several names the whole is lost.
     *
     * @param createRevision {@link LockEntry#createRevision()}
     * @return the entry that was removed; empty if it was not there (any more)
     * @throws LockUnavailableException also if it is not known whether it was removed; the call may be repeated
     * @throws IllegalArgumentException if the name is not allowed
     */
    Optional<LockEntry> release(String name, long createRevision);

    /**
     * What this registry holds, and what its callers wait for, by name; without I/O. Several moments: one for each name. A hold that ended
     * but keeps others out for its {@link LockOptions#holdAtLeast()} is not here, only in the store.
     */
    List<LocalLock> local();
}
