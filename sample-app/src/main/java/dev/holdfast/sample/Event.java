package dev.holdfast.sample;

/**
 * An event without numbered seats.
 *
 * @param seats how many people fit in
 * @param price of the first tickets, in cents
 */
public record Event(long id, String title, int seats, int price) {}
