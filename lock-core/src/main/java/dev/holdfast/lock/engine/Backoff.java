package dev.holdfast.lock.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Growing pauses between attempts: from 50 ms, doubled up to 1 s or what else is said, each shortened at random by up to half so that many do not march in step. */
final class Backoff {

    private static final long FIRST_MILLIS = 50;
    private static final long LAST_MILLIS = 1_000;

    private final RandomGenerator random;
    private final long lastMillis;
    private long nextMillis = FIRST_MILLIS;

    Backoff(RandomGenerator random) {
        this(random, LAST_MILLIS);
    }

    private Backoff(RandomGenerator random, long lastMillis) {
        this.random = random;
        this.lastMillis = lastMillis;
    }

    static Backoff upTo(Duration longest, RandomGenerator random) {
        return new Backoff(random, longest.toMillis());
    }

    Duration next() {
        long millis = nextMillis;
        nextMillis = Math.min(lastMillis, millis * 2);
        return Duration.ofMillis(millis - random.nextLong(millis / 2));
    }

    void reset() {
        nextMillis = FIRST_MILLIS;
    }
}
