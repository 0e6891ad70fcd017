package dev.holdfast.lock.etcd;

import dev.holdfast.lock.test.ElectionConformanceTests;
import dev.holdfast.lock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class EtcdElectionConformanceTests extends ElectionConformanceTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    EtcdElectionConformanceTests() {
        super(new EtcdUnderTest(ETCD.endpoints()));
    }
}
