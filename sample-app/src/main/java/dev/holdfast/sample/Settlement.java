package dev.holdfast.sample;

import java.time.Instant;

/**
 * One run of the settlement.
 *
 * @param period start of the period that was settled
 * @param tickets sold in all when the run began
 * @param takings in cents
 * @param instance which instance ran it
 * @param finished when
 */
record Settlement(Instant period, int tickets, long takings, String instance, Instant finished) {}
