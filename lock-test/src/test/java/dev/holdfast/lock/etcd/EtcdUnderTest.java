package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.StoreUnderTest;
import java.util.List;
import java.util.UUID;

/** An etcd that conformance tests share. */
public record EtcdUnderTest(List<String> endpoints, String keyPrefix) implements StoreUnderTest {

    public EtcdUnderTest(List<String> endpoints) {
        this(endpoints, "test-" + UUID.randomUUID() + "/");
    }

    @Override
    public LockRegistry registry(LockOptions defaults, List<LockListener> listeners) {
        return TestStores.registry(endpoints, keyPrefix, defaults, listeners);
    }

    @Override
    public LockStore inspector() {
        return TestStores.connect(endpoints);
    }
}
