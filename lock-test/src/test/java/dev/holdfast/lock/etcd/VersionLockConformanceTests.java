package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.EtcdVersions.EtcdVersion;
import dev.holdfast.lock.test.LockConformanceTests;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;

/** The locks on one version of etcd; a class for each, because reports count classes. */
abstract class VersionLockConformanceTests extends LockConformanceTests {

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
    protected LockRegistry newRegistry(LockOptions defaults, List<LockListener> listeners) {
        return TestStores.registry(endpoints(), keyPrefix, defaults, listeners);
    }

    @Override
    protected LockStore newInspector() {
        return TestStores.connect(endpoints());
    }

    @Override
    protected String keyPrefix() {
        return keyPrefix;
    }
}
