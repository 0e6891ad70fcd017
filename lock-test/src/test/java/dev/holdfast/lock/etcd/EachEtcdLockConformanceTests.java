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
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The locks on every version of etcd there is. */
@ParameterizedClass
@MethodSource("servers")
@Tag("versions")
@Tag("faults")
class EachEtcdLockConformanceTests extends LockConformanceTests {

    private final EtcdServer etcd;
    private final String keyPrefix = "test-" + UUID.randomUUID() + "/";

    EachEtcdLockConformanceTests(EtcdServer etcd) {
        this.etcd = etcd;
    }

    /** Started one after the other, and closed by JUnit. */
    static Stream<Named<EtcdServer>> servers() {
        return EtcdVersions.all().stream()
                .map(version -> Named.of(version.toString(), version.server().start()));
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
