package dev.holdfast.lock.test;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.TestStores;
import dev.holdfast.lock.store.LockStore;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The locks on an etcd in a container by Testcontainers. Needs a Docker engine; {@code ./dev test} runs it where one answers. */
@Tag("docker")
class ContainerLockConformanceTests extends LockConformanceTests {

    private static List<String> endpoints = List.of();

    private final String keyPrefix = "test-" + UUID.randomUUID() + "/";

    @BeforeAll
    static void start() {
        endpoints = List.of(EtcdContainer.start());
    }

    @Override
    protected LockRegistry newRegistry(LockOptions defaults, List<LockListener> listeners) {
        return TestStores.registry(endpoints, keyPrefix, defaults, listeners);
    }

    @Override
    protected LockStore newInspector() {
        return TestStores.store(endpoints);
    }

    @Override
    protected String keyPrefix() {
        return keyPrefix;
    }
}
