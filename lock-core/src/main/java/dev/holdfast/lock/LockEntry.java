package dev.holdfast.lock;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One entry in the queue of a name, as it was read from the store. It stands for a holder or a waiter of any process, also of other
 * programs such as {@code etcdctl}, which say little or nothing of themselves. A registry has one entry for all its callers of an
 * exclusive lock: passed on among them ({@link HandOver}), it still says who put it.
 *
 * @param key its key in the store
 * @param role whether it holds, by the order of the queue; its process learns of that a moment later
 * @param kind what it wants of the name
 * @param permits of a semaphore, how many it has in all; 1 otherwise
 * @param owner who put it; null if it does not say
 * @param since when it was put, by its owner's clock; null if it does not say
 * @param metadata see {@link LockOptions#metadata()}
 * @param value what another program or a candidate of an election put; empty for an entry of a lock of ours
 * @param createRevision its place: the lower, the earlier. Tells it apart from every other entry of the name, and from later ones with
 *     its key
 * @param lease id of the lease it ends with, lower-case hex; empty: it has none, and stays until somebody deletes it
 * @param remaining time until it goes by itself unless it is renewed; null if it has no lease, or the store did not say
 * @param own whether it is this registry's
 */
public record LockEntry(
        String key,
        Role role,
        Kind kind,
        int permits,
        @Nullable LockOwner owner,
        @Nullable Instant since,
        Map<String, String> metadata,
        String value,
        long createRevision,
        String lease,
        @Nullable Duration remaining,
        boolean own) {

    public LockEntry {
        metadata = Map.copyOf(metadata);
    }

    /** Whether somebody has the lock or wants it. */
    public enum Role {
        HOLDER,
        WAITER
    }

    /** What somebody wants of a name. */
    public enum Kind {
        /** A lock, a write lock, a candidacy, and whatever other programs put. */
        EXCLUSIVE,
        /** A read lock. */
        SHARED,
        /** A permit of a semaphore. */
        SEMAPHORE
    }
}
