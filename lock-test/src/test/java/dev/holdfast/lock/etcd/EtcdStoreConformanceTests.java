package dev.holdfast.lock.etcd;

import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.EtcdExtension;
import dev.holdfast.lock.test.LockStoreConformanceTests;
import org.junit.jupiter.api.extension.RegisterExtension;

class EtcdStoreConformanceTests extends LockStoreConformanceTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    private final String keyPrefix = ETCD.uniquePrefix();

    @Override
    protected LockStore newStore() {
        return TestStores.connect(ETCD.endpoints());
    }

    @Override
    protected String keyPrefix() {
        return keyPrefix;
    }
}
