package dev.holdfast.lock.etcd;

import dev.holdfast.lock.test.EtcdExtension;
import dev.holdfast.lock.test.LockViewConformanceTests;
import org.junit.jupiter.api.extension.RegisterExtension;

class EtcdLockViewConformanceTests extends LockViewConformanceTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    EtcdLockViewConformanceTests() {
        super(new EtcdUnderTest(ETCD.endpoints()));
    }
}
