package dev.holdfast.lock.spring.shedlock;

import dev.holdfast.lock.LockOptions;
import java.time.Duration;
import net.javacrumbs.shedlock.core.LockConfiguration;

/** ShedLock's two durations as the caps of a hold. */
record Caps(Duration maxHold, Duration holdAtLeast) {

    /** To ShedLock zero is a limit, to us it is none. */
    private static final Duration SHORTEST = Duration.ofNanos(1);

    static Caps of(LockConfiguration configuration) {
        Duration atMost = configuration.getLockAtMostFor();
        Duration atLeast = configuration.getLockAtLeastFor();
        return new Caps(atMost.isZero() ? SHORTEST : atMost, atLeast.isNegative() ? Duration.ZERO : atLeast);
    }

    LockOptions in(LockOptions options) {
        return new LockOptions(
                options.ttl(), true, Duration.ZERO, maxHold, holdAtLeast, options.metadata(), options.metricName());
    }
}
