package dev.holdfast.sample.trial;

import java.time.Duration;

/**
 * The till as it was counted last.
 *
 * @param finished whether that turn came to its end
 * @param fence token of the lock it was written under
 * @param age how long ago, by the clock of the database
 */
record TillCount(String instance, int tickets, boolean finished, long fence, Duration age) {}
