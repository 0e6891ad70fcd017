package dev.holdfast.lock.spring.metrics;

import dev.holdfast.lock.spring.observation.LockObservationContext;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;

/**
 * Keeps observations of locks from becoming timers: {@link LockMeters} times the same waits and holds under the same names, whether or
 * not there are observations. Of the handlers for meters, Boot lets the first that supports a context have it.
 */
public final class MetersInsteadOfObservations implements MeterObservationHandler<LockObservationContext> {

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof LockObservationContext;
    }
}
