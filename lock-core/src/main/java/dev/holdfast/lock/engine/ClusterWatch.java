package dev.holdfast.lock.engine;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Notices that answers come from another cluster, or from one restored from a backup: another cluster id, or a write at a revision not
 * above one seen before it was sent. Fencing tokens could repeat then, so every session must end. Thread-safe.
 */
final class ClusterWatch {

    private final AtomicLong clusterId = new AtomicLong();
    private final AtomicLong greatestRevision = new AtomicLong();
    private final Runnable onChange;

    ClusterWatch(Runnable onChange) {
        this.onChange = onChange;
    }

    /** The greatest revision seen so far; take it before sending a write. */
    long mark() {
        return greatestRevision.get();
    }

    void answeredBy(long id) {
        long known = clusterId.get();
        if (id == 0 || id == known) {
            return;
        }
        if (known == 0 && clusterId.compareAndSet(0, id)) {
            return;
        }
        if (clusterId.getAndSet(id) != id) {
            greatestRevision.set(0);
            onChange.run();
        }
    }

    /** {@code wrote}: whether the transaction certainly wrote; a stale read proves nothing. */
    void answeredAt(long mark, long revision, boolean wrote) {
        if (wrote && revision <= mark) {
            // Only the first to see it resets; the others' marks are above the new greatest revision.
            if (greatestRevision.compareAndSet(mark, revision) || greatestRevision.get() >= mark) {
                greatestRevision.set(revision);
                onChange.run();
            }
            return;
        }
        greatestRevision.accumulateAndGet(revision, Math::max);
    }
}
