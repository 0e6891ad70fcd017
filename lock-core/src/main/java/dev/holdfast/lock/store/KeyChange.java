package dev.holdfast.lock.store;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A change told by a watch.
 *
 * @param deleted whether the key was deleted; otherwise it was put
 * @param revision revision of the change
 * @param sole false for one of several deletions that the same watch tells of at that revision: those (a lease that ended, a prefix
 *     deleted by hand) are told one after the other, but happened at once.
 */
public record KeyChange(String key, boolean deleted, long revision, boolean sole) {

    /** A put, or the only deletion of its revision. */
    public KeyChange(String key, boolean deleted, long revision) {
        this(key, deleted, revision, true);
    }

    /** What one watch tells together, at least all changes of a revision, with the deletions marked that are not {@link #sole()}. */
    public static List<KeyChange> together(List<KeyChange> changes) {
        if (changes.size() < 2) {
            return changes;
        }
        Map<Long, Long> deletions = changes.stream()
                .filter(KeyChange::deleted)
                .collect(Collectors.groupingBy(KeyChange::revision, Collectors.counting()));
        return changes.stream()
                .map(change -> change.deleted && deletions.getOrDefault(change.revision, 0L) > 1
                        ? new KeyChange(change.key, true, change.revision, false)
                        : change)
                .toList();
    }
}
