package dev.holdfast.lock.spring.autoconfigure;

import java.time.Duration;

/** What closing the registry may take after the shutdown has waited for the holds; revoking takes one round trip. */
final class CloseTimeout {

    private static final Duration LONGEST = Duration.ofSeconds(5);

    private CloseTimeout() {}

    static Duration of(HoldfastProperties properties) {
        Duration timeout = properties.shutdownTimeout();
        return timeout.compareTo(LONGEST) < 0 ? timeout : LONGEST;
    }
}
