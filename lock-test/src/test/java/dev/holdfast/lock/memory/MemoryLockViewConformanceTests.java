package dev.holdfast.lock.memory;

import dev.holdfast.lock.test.LockViewConformanceTests;

class MemoryLockViewConformanceTests extends LockViewConformanceTests {

    MemoryLockViewConformanceTests() {
        super(new MemoryUnderTest());
    }
}
