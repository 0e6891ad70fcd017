package dev.holdfast.lock.etcd;

import dev.holdfast.lock.test.EtcdExtension;
import dev.holdfast.lock.test.LockConformanceTests;
import org.junit.jupiter.api.extension.RegisterExtension;

class EtcdLockConformanceTests extends LockConformanceTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    EtcdLockConformanceTests() {
        super(new EtcdUnderTest(ETCD.endpoints()));
    }
}
