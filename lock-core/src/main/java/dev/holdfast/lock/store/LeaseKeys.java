package dev.holdfast.lock.store;

import java.time.Duration;
import java.util.Set;

/**
 * A lease and what is attached to it.
 *
 * @param remaining time the store gives it still
 * @param clusterId identity of the cluster that answered
 */
public record LeaseKeys(long leaseId, Duration remaining, Set<String> keys, long clusterId) {

    public LeaseKeys {
        keys = Set.copyOf(keys);
    }
}
