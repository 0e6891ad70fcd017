package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.EtcdExtension;
import dev.holdfast.lock.test.InspectionConformanceTests;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

class EtcdInspectionConformanceTests extends InspectionConformanceTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    private final String keyPrefix = ETCD.uniquePrefix();

    @Override
    protected LockRegistry newRegistry(LockOptions defaults, List<LockListener> listeners) {
        return TestStores.registry(ETCD.endpoints(), keyPrefix, defaults, listeners);
    }

    @Override
    protected LockStore newInspector() {
        return TestStores.connect(ETCD.endpoints());
    }

    @Override
    protected String keyPrefix() {
        return keyPrefix;
    }
}
