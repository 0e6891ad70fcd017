package dev.holdfast.lock.store;

/**
 * A change told by a watch.
 *
 * @param deleted whether the key was deleted; otherwise it was put
 * @param revision revision of the change
 * @param sole whether the same watch tells of no other deletion at that revision. Those of one revision (a lease that ended, a prefix
 *     deleted by hand) are told one after the other, but happened at once.
 */
public record KeyChange(String key, boolean deleted, long revision, boolean sole) {

    /** A put, or the only deletion of its revision. */
    public KeyChange(String key, boolean deleted, long revision) {
        this(key, deleted, revision, true);
    }
}
