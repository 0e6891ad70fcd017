package dev.holdfast.lock.memory;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.InspectionConformanceTests;
import dev.holdfast.lock.time.SystemTimeSource;
import java.util.List;

class MemoryInspectionConformanceTests extends InspectionConformanceTests {

    private static final SystemTimeSource TIME = new SystemTimeSource();

    private final MemoryServer server = new MemoryServer(TIME);

    @Override
    protected LockRegistry newRegistry(LockOptions defaults, List<LockListener> listeners) {
        return LockEngine.onSystemTime(
                server.connect(),
                EngineOptions.defaults().withLockDefaults(defaults).withListeners(listeners));
    }

    @Override
    protected LockStore newInspector() {
        return server.connect();
    }

    @Override
    protected String keyPrefix() {
        return "locks/";
    }
}
