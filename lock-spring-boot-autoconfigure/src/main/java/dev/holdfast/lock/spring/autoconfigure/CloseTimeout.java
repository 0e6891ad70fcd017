package dev.holdfast.lock.spring.autoconfigure;

import java.time.Duration;

/**
 * What closing the registry may take after the shutdown has waited for the holds: as long as that, but at least the time in which etcd
 * is expected to answer. A lease that is not revoked would keep others waiting for its TTL, after a shutdown that was to be quick.
 */
final class CloseTimeout {

    private static final Duration LONGEST = Duration.ofSeconds(5);

    private CloseTimeout() {}

    static Duration of(HoldfastProperties properties) {
        Duration timeout = properties.shutdownTimeout();
        if (timeout.isNegative()) {
            throw new HoldfastConfigurationException(
                    "holdfast.shutdown-timeout",
                    timeout.toString(),
                    "it is negative",
                    "Give a duration, or zero to wait for nobody",
                    null);
        }
        Duration least = shorter(properties.etcd().requestTimeout(), LONGEST);
        Duration wanted = shorter(timeout, LONGEST);
        return wanted.compareTo(least) < 0 ? least : wanted;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
