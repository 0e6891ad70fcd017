package dev.holdfast.sample;

import java.time.Duration;

/**
 * A wish to buy one ticket.
 *
 * @param paymentTime how long the payment provider takes to answer
 * @param asked when the customer came, on the clock of {@link System#nanoTime()}
 */
public record Order(long eventId, String customer, Duration paymentTime, long asked) {

    /** Of a customer who comes now. */
    public Order(long eventId, String customer, Duration paymentTime) {
        this(eventId, customer, paymentTime, System.nanoTime());
    }
}
