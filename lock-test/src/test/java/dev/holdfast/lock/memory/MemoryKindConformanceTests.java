package dev.holdfast.lock.memory;

import dev.holdfast.lock.test.KindConformanceTests;

class MemoryKindConformanceTests extends KindConformanceTests {

    MemoryKindConformanceTests() {
        super(new MemoryUnderTest());
    }
}
