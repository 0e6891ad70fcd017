package dev.holdfast.lock.spring.observation;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.ObservationConvention;

/**
 * What the observations of waits and of holds have in common: {@code lock} and {@code outcome} are of low cardinality; {@code name},
 * the lock's full name, is of high.
 */
interface LockObservationConvention<C extends LockObservationContext> extends ObservationConvention<C> {

    @Override
    default KeyValues getLowCardinalityKeyValues(C context) {
        return KeyValues.of("lock", context.lock(), "outcome", context.outcome());
    }

    @Override
    default KeyValues getHighCardinalityKeyValues(C context) {
        return KeyValues.of("name", context.lockName());
    }
}
