package dev.holdfast.lock.spring.observation;

import dev.holdfast.lock.LockListener.WaitOutcome;
import dev.holdfast.lock.LockOptions;
import io.micrometer.common.KeyValue;
import org.jspecify.annotations.Nullable;

/** A request for a lock, from the call to its end. */
public final class LockWaitContext extends LockObservationContext {

    private volatile @Nullable WaitOutcome outcome;

    LockWaitContext(String lockName, LockOptions options, String lock) {
        super(lockName, options, lock);
    }

    void ended(WaitOutcome outcome) {
        this.outcome = outcome;
    }

    @Override
    public String outcome() {
        WaitOutcome known = outcome;
        return known == null ? KeyValue.NONE_VALUE : known.tag();
    }
}
