package dev.holdfast.lock;

import java.time.Duration;

/**
 * Health of the store as one member answered.
 *
 * @param version the store's version, for example {@code 3.5.16}
 * @param leaderKnown whether the answering member knows a leader
 * @param roundTrip duration of the question
 */
public record StoreStatus(String version, boolean leaderKnown, Duration roundTrip) {}
