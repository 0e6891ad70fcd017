package dev.holdfast.lock.spring.integration;

import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.test.ControllableStore;
import dev.holdfast.lock.time.SystemTimeSource;

class MemoryHoldfastLockRegistryTests extends HoldfastLockRegistryTests {

    private static final SystemTimeSource TIME = new SystemTimeSource();

    private final MemoryServer server = new MemoryServer(TIME);

    @Override
    Process connect(LockOptions defaults) {
        ControllableStore store = new ControllableStore(server.connect(), TIME);
        return new Process(
                LockEngine.onSystemTime(store, EngineOptions.defaults().withLockDefaults(defaults)),
                () -> store.fateOfAll(ControllableStore.Fate.LOSE_REQUEST));
    }
}
