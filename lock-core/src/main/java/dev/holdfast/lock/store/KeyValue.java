package dev.holdfast.lock.store;

/**
 * A key as read.
 *
 * @param value empty if only keys were asked for
 * @param createRevision revision of the put that created the key
 * @param modRevision revision of the last put
 * @param leaseId lease the key is attached to; 0: none
 */
public record KeyValue(String key, String value, long createRevision, long modRevision, long leaseId) {}
