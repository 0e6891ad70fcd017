package dev.holdfast.lock.spring.observation;

import io.micrometer.observation.Observation;

/**
 * Name and keys of the observation of a wait. A bean of this type replaces the default, which is what these methods do when they are
 * not overridden. {@code lock} and {@code outcome} are of low cardinality; {@code name}, the lock's full name, is of high.
 */
public interface LockWaitObservationConvention extends LockObservationConvention<LockWaitContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof LockWaitContext;
    }

    @Override
    default String getName() {
        return "holdfast.lock.wait";
    }

    @Override
    default String getContextualName(LockWaitContext context) {
        return "wait for " + context.lock();
    }
}
