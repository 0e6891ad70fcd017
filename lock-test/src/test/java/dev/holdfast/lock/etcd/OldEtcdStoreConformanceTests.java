package dev.holdfast.lock.etcd;

import dev.holdfast.lock.test.EtcdVersions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The store on etcd 3.4, whatever the distribution has. */
@Tag("versions")
@Tag("faults")
class OldEtcdStoreConformanceTests extends VersionStoreConformanceTests {

    @BeforeAll
    static void start() {
        start(EtcdVersions.old());
    }
}
