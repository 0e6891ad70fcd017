package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who hears of the loss of a hold, each once. Unlike the dependents of {@link LockHandle#lost()}, which stay as long as the hold, they can
 * leave: a hold for hours may be entered again a million times. Thread-safe.
 */
final class LossListeners {

    private final Set<Consumer<LockLoss>> listeners = ConcurrentHashMap.newKeySet();
    private volatile @Nullable LockLoss loss;

    LossListeners(LockHandle handle) {
        handle.lost().thenAccept(this::tell);
    }

    void add(Consumer<LockLoss> listener) {
        listeners.add(listener);
        LockLoss told = loss;
        if (told != null) {
            // Perhaps too late for the round.
            tell(listener, told);
        }
    }

    void remove(Consumer<LockLoss> listener) {
        listeners.remove(listener);
    }

    private void tell(LockLoss lost) {
        loss = lost;
        listeners.forEach(listener -> tell(listener, lost));
    }

    private void tell(Consumer<LockLoss> listener, LockLoss lost) {
        if (listeners.remove(listener)) {
            listener.accept(lost);
        }
    }
}
