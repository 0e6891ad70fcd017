package dev.holdfast.lock.spring.shedlock;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.time.SystemTimeSource;

class MemoryLockProviderTests extends LockProviderConformanceTests {

    private static final SystemTimeSource TIME = new SystemTimeSource();

    private final MemoryServer server = new MemoryServer(TIME);

    @Override
    LockRegistry newRegistry() {
        return LockEngine.onSystemTime(server.connect(), EngineOptions.defaults());
    }
}
