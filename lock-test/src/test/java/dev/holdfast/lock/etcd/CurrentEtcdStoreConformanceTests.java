package dev.holdfast.lock.etcd;

import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.EtcdVersions;
import dev.holdfast.lock.test.LockStoreConformanceTests;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The store on the etcd people should use; the distribution's may be an old one. */
@Tag("versions")
class CurrentEtcdStoreConformanceTests extends LockStoreConformanceTests {

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
    protected LockStore newStore() {
        return TestStores.connect(List.of(etcd.endpoint()));
    }

    @Override
    protected String keyPrefix() {
        return keyPrefix;
    }
}
