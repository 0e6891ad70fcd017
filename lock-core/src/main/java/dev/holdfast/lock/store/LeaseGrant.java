package dev.holdfast.lock.store;

import java.time.Duration;

/**
 * A lease granted or renewed.
 *
 * @param ttl time to live counted from when the store handled the request
 * @param clusterId identity of the cluster that answered
 */
public record LeaseGrant(long leaseId, Duration ttl, long clusterId) {}
