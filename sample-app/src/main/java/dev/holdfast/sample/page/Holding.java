package dev.holdfast.sample.page;

import java.time.Instant;

/**
 * One hold of a lock that left its token in the database.
 *
 * @param waitedMillis for the lock; -1 if that was not written down
 */
record Holding(String lock, String instance, long token, Instant at, long waitedMillis) {}
