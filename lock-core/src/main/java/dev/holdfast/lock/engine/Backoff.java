package dev.holdfast.lock.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Growing pauses between attempts: from 50 ms, doubled up to 1 s, each shortened at random by up to half so that many do not march in step. */
final class Backoff {

    private static final long FIRST_MILLIS = 50;
    private static final long LAST_MILLIS = 1_000;

    private final RandomGenerator random;
    private long nextMillis = FIRST_MILLIS;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    Duration next() {
        long millis = nextMillis;
        nextMillis = Math.min(LAST_MILLIS, millis * 2);
        return Duration.ofMillis(millis - random.nextLong(millis / 2));
    }

    void reset() {
        nextMillis = FIRST_MILLIS;
    }
}
