package dev.holdfast.lock.test;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.LockStore;
import java.util.List;

/** One store, as a conformance test uses it. All registries on it have one key prefix that no other test uses. */
public interface StoreUnderTest {

    /** Another registry, as another process would have. */
    LockRegistry registry(LockOptions defaults, List<LockListener> listeners);

    /** A connection of its own, to look at keys and to interfere. */
    LockStore inspector();

    /** The key prefix of the registries. */
    String keyPrefix();
}
