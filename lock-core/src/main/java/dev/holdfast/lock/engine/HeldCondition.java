package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.LockStore;
import java.util.List;

/**
 * What a transaction of somebody else asks of the store to be executed only while a hold keeps others out. Once it is false it stays
 * so. Immutable.
 *
 * @param store where the hold's entry is
 * @param compares all of them must be true
 */
public record HeldCondition(LockStore store, List<Compare> compares) {

    public HeldCondition {
        compares = List.copyOf(compares);
    }

    /**
     * The condition of a hold that this engine gave out. Whoever asks is not passed on inside the process: its release goes to the store.
     *
     * @throws LockLostException if the lock is not held now
     * @throws IllegalStateException if it was released
     * @throws IllegalArgumentException if the handle is not the engine's own
     */
    public static HeldCondition of(LockHandle handle) {
        if (handle instanceof Term term) {
            return of(term.hold());
        }
        if (handle instanceof Hold hold) {
            return new HeldCondition(hold.store(), hold.condition());
        }
        throw new IllegalArgumentException("The hold of lock '" + handle.name() + "' is a "
                + handle.getClass().getName() + ", not one that a lock registry gave out; give that one");
    }
}
