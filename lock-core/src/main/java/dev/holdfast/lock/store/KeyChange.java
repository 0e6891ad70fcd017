package dev.holdfast.lock.store;

/**
 * A change told by a watch.
 *
 * @param deleted whether the key was deleted; otherwise it was put
 * @param revision revision of the change
 */
public record KeyChange(String key, boolean deleted, long revision) {}
