package dev.holdfast.lock.spring.observation;

import dev.holdfast.lock.LockOptions;
import io.micrometer.observation.Observation;

/** What observations of waits and of holds have in common: which lock it is. */
public abstract class LockObservationContext extends Observation.Context {

    private final String lockName;
    private final LockOptions options;
    private final String lock;

    LockObservationContext(String lockName, LockOptions options, String lock) {
        this.lockName = lockName;
        this.options = options;
        this.lock = lock;
    }

    /** The lock's full name, of any cardinality. */
    public String lockName() {
        return lockName;
    }

    public LockOptions options() {
        return options;
    }

    /** Value of the key {@code lock}, as in the metrics; see {@link LockTag}. */
    public String lock() {
        return lock;
    }

    /** Value of the key {@code outcome}; {@code none} until it has ended. */
    public abstract String outcome();
}
