package dev.holdfast.lock.etcd;

import java.util.List;

/** The store as the registry makes it, for tests. */
final class TestStores {

    private TestStores() {}

    static EtcdLockRegistry.Builder builder(List<String> endpoints) {
        return EtcdLockRegistry.builder().endpoints(endpoints);
    }

    static EtcdStore connect(List<String> endpoints) {
        return builder(endpoints).connect();
    }
}
