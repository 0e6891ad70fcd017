package dev.holdfast.lock.etcd;

import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.EtcdVersions.EtcdVersion;
import dev.holdfast.lock.test.LockStoreConformanceTests;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;

/** The store on one version of etcd; a class for each, because reports count classes. */
abstract class VersionStoreConformanceTests extends LockStoreConformanceTests {

    private static @Nullable EtcdServer etcd;

    private final String keyPrefix = "test-" + UUID.randomUUID() + "/";

    /** To be called before all tests. */
    static void start(EtcdVersion version) {
        etcd = version.server().start();
    }

    @AfterAll
    static void stop() {
        if (etcd != null) {
            etcd.close();
        }
    }

    private static List<String> endpoints() {
        return List.of(Objects.requireNonNull(etcd).endpoint());
    }

    @Override
    protected LockStore newStore() {
        return TestStores.connect(endpoints());
    }

    @Override
    protected String keyPrefix() {
        return keyPrefix;
    }
}
