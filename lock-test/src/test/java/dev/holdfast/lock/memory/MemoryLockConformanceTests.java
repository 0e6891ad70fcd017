package dev.holdfast.lock.memory;

import dev.holdfast.lock.test.LockConformanceTests;

class MemoryLockConformanceTests extends LockConformanceTests {

    MemoryLockConformanceTests() {
        super(new MemoryUnderTest());
    }
}
