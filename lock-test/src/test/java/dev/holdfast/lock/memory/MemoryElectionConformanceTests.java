package dev.holdfast.lock.memory;

import dev.holdfast.lock.test.ElectionConformanceTests;

class MemoryElectionConformanceTests extends ElectionConformanceTests {

    MemoryElectionConformanceTests() {
        super(new MemoryUnderTest());
    }
}
