package dev.holdfast.lock.spring.observation;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Name and keys of the observation of a hold. A bean of this type replaces the default, which is what these methods do when they are
 * not overridden. {@code lock} and {@code outcome} are of low cardinality; {@code name}, the lock's full name, is of high.
 */
public interface LockHoldObservationConvention extends ObservationConvention<LockHoldContext> {

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

    @Override
    default KeyValues getLowCardinalityKeyValues(LockHoldContext context) {
        return KeyValues.of("lock", context.lock(), "outcome", context.outcome());
    }

    @Override
    default KeyValues getHighCardinalityKeyValues(LockHoldContext context) {
        return KeyValues.of("name", context.lockName());
    }
}
