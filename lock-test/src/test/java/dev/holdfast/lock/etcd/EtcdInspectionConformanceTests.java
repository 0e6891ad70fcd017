package dev.holdfast.lock.etcd;

import dev.holdfast.lock.test.EtcdExtension;
import dev.holdfast.lock.test.InspectionConformanceTests;
import org.junit.jupiter.api.extension.RegisterExtension;

class EtcdInspectionConformanceTests extends InspectionConformanceTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    EtcdInspectionConformanceTests() {
        super(new EtcdUnderTest(ETCD.endpoints()));
    }
}
