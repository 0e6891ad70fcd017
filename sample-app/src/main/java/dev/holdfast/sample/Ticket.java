package dev.holdfast.sample;

/**
 * A ticket sold.
 *
 * @param price in cents
 * @param instance which instance sold it
 * @param fence fencing token of the lock it was sold under; 0 without a lock
 * @param waitedMillis how long the customer waited for the sale to begin, which is the wait for the lock
 */
public record Ticket(
        String id, long eventId, String customer, int price, String instance, long fence, long waitedMillis) {}
