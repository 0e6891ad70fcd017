package dev.holdfast.lock.spring.observation;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import io.micrometer.common.KeyValue;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A hold, from the grant to its release or loss. */
public final class LockHoldContext extends LockObservationContext {

    private final LockHandle handle;
    private volatile String outcome = KeyValue.NONE_VALUE;
    private volatile @Nullable LockLoss loss;

    LockHoldContext(LockHandle handle, LockOptions options, String lock) {
        super(handle.name(), options, lock);
        this.handle = handle;
    }

    void released() {
        outcome = "released";
    }

    void lost(LockLoss loss) {
        this.loss = loss;
        outcome = "lost";
    }

    public LockHandle handle() {
        return handle;
    }

    /** How the hold was lost, if it was. */
    public Optional<LockLoss> loss() {
        return Optional.ofNullable(loss);
    }

    @Override
    public String outcome() {
        return outcome;
    }
}
