package dev.holdfast.lock.memory;

import dev.holdfast.lock.test.InspectionConformanceTests;

class MemoryInspectionConformanceTests extends InspectionConformanceTests {

    MemoryInspectionConformanceTests() {
        super(new MemoryUnderTest());
    }
}
