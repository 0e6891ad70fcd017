package dev.holdfast.lock.etcd;

import dev.holdfast.lock.test.EtcdVersions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The store on the etcd people should use; the distribution's may be an old one. */
@Tag("versions")
class CurrentEtcdStoreConformanceTests extends VersionStoreConformanceTests {

    @BeforeAll
    static void start() {
        start(EtcdVersions.current());
    }
}
