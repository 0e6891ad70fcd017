package dev.holdfast.sample;

import java.time.Duration;

/**
 * A wish to buy one ticket.
 *
 * @param paymentTime how long the payment provider takes to answer
 */
record Order(long eventId, String customer, Duration paymentTime) {}
