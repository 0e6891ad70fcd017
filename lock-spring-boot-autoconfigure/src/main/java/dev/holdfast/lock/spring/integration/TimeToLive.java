package dev.holdfast.lock.spring.integration;

import dev.holdfast.lock.LockOptions;
import java.time.Duration;

/**
 * The time-to-live of a caller as one that the locks take. Both ends of the range are safe to move to: the hold is renewed, and who died
 * holds nothing. Whole seconds also bound the number of leases, of which there is one for each time-to-live.
 */
final class TimeToLive {

    private TimeToLive() {}

    static Duration allowed(Duration ttl) {
        checked(ttl);
        if (ttl.compareTo(LockOptions.MIN_TTL) < 0) {
            return LockOptions.MIN_TTL;
        }
        if (ttl.compareTo(LockOptions.MAX_TTL) > 0) {
            return LockOptions.MAX_TTL;
        }
        return ttl.getNano() == 0 ? ttl : Duration.ofSeconds(ttl.toSeconds() + 1);
    }

    static void checked(Duration ttl) {
        if (ttl.isZero() || ttl.isNegative()) {
            throw new IllegalArgumentException("ttl is " + ttl + "; give more than zero");
        }
    }
}
