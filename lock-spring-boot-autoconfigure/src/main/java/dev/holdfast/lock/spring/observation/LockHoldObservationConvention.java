package dev.holdfast.lock.spring.observation;

import io.micrometer.observation.Observation;

/**
 * Name and keys of the observation of a hold. A bean of this type replaces the default, which is what these methods do when they are
 * not overridden. {@code lock} and {@code outcome} are of low cardinality; {@code name}, the lock's full name, is of high.
 */
public interface LockHoldObservationConvention extends LockObservationConvention<LockHoldContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof LockHoldContext;
    }

    @Override
    default String getName() {
        return "holdfast.lock.hold";
    }

    @Override
    default String getContextualName(LockHoldContext context) {
        return "hold " + context.lock();
    }
}
