package dev.holdfast.lock.memory;

import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.LockStoreConformanceTests;
import dev.holdfast.lock.time.SystemTimeSource;

class MemoryStoreConformanceTests extends LockStoreConformanceTests {

    private static final SystemTimeSource TIME = new SystemTimeSource();

    private final MemoryServer server = new MemoryServer(TIME);

    @Override
    protected LockStore newStore() {
        return server.connect();
    }

    @Override
    protected String keyPrefix() {
        return "test/";
    }
}
