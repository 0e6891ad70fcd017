package dev.holdfast.lock.etcd;

import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.EtcdVersions;
import dev.holdfast.lock.test.LockStoreConformanceTests;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The store on every version of etcd there is. */
@ParameterizedClass
@MethodSource("servers")
@Tag("versions")
@Tag("faults")
class EachEtcdStoreConformanceTests extends LockStoreConformanceTests {

    private final EtcdServer etcd;
    private final String keyPrefix = "test-" + UUID.randomUUID() + "/";

    EachEtcdStoreConformanceTests(EtcdServer etcd) {
        this.etcd = etcd;
    }

    /** Started one after the other, and closed by JUnit. */
    static Stream<Named<EtcdServer>> servers() {
        return EtcdVersions.all().stream()
                .map(version -> Named.of(version.toString(), version.server().start()));
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
