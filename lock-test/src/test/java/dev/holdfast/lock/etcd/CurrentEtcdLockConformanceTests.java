package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.EtcdVersions;
import dev.holdfast.lock.test.LockConformanceTests;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The locks on the etcd people should use; the distribution's may be an old one. */
@Tag("versions")
class CurrentEtcdLockConformanceTests extends LockConformanceTests {

    private static EtcdServer etcd;

    private final String keyPrefix = "test-" + UUID.randomUUID() + "/";

    @BeforeAll
    static void start() {
        etcd = EtcdVersions.current().server().start();
    }

    @AfterAll
    static void stop() {
        etcd.close();
    }

    @Override
    protected LockRegistry newRegistry(LockOptions defaults, List<LockListener> listeners) {
        return TestStores.registry(List.of(etcd.endpoint()), keyPrefix, defaults, listeners);
    }

    @Override
    protected LockStore newInspector() {
        return TestStores.connect(List.of(etcd.endpoint()));
    }

    @Override
    protected String keyPrefix() {
        return keyPrefix;
    }
}
