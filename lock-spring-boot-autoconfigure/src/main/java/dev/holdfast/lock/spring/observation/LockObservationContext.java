package dev.holdfast.lock.spring.observation;

import dev.holdfast.lock.LockOptions;
import io.micrometer.observation.Observation;

/** What observations of waits and of holds have in common: which lock it is. */
public abstract class LockObservationContext extends Observation.Context {

    private final String lockName;
    private final LockOptions options;

    LockObservationContext(String lockName, LockOptions options) {
        this.lockName = lockName;
        this.options = options;
    }

    /** The lock's full name, of any cardinality. */
    public String lockName() {
        return lockName;
    }

    public LockOptions options() {
        return options;
    }

    /** Value of the key {@code lock}, as in the metrics: {@link LockOptions#metricName()}, or {@code other}. */
    public String lock() {
        String name = options.metricName();
        return name.isEmpty() ? "other" : name;
    }

    /** Value of the key {@code outcome}; {@code none} until it has ended. */
    public abstract String outcome();
}
