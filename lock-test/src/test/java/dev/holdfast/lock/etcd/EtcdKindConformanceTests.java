package dev.holdfast.lock.etcd;

import dev.holdfast.lock.test.EtcdExtension;
import dev.holdfast.lock.test.KindConformanceTests;
import org.junit.jupiter.api.extension.RegisterExtension;

class EtcdKindConformanceTests extends KindConformanceTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    EtcdKindConformanceTests() {
        super(new EtcdUnderTest(ETCD.endpoints()));
    }
}
