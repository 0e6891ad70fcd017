package dev.holdfast.lock.memory;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.StoreUnderTest;
import dev.holdfast.lock.time.SystemTimeSource;
import java.util.List;

/** A model of etcd for one test. */
final class MemoryUnderTest implements StoreUnderTest {

    private static final SystemTimeSource TIME = new SystemTimeSource();

    private final MemoryServer server = new MemoryServer(TIME);

    @Override
    public LockRegistry registry(LockOptions defaults, List<LockListener> listeners) {
        return LockEngine.onSystemTime(
                server.connect(),
                EngineOptions.defaults().withLockDefaults(defaults).withListeners(listeners));
    }

    @Override
    public LockStore inspector() {
        return server.connect();
    }

    @Override
    public String keyPrefix() {
        return "locks/";
    }
}
