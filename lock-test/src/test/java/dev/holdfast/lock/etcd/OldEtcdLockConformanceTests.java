package dev.holdfast.lock.etcd;

import dev.holdfast.lock.test.EtcdVersions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The locks on etcd 3.4, whatever the distribution has. */
@Tag("versions")
@Tag("faults")
class OldEtcdLockConformanceTests extends VersionLockConformanceTests {

    @BeforeAll
    static void start() {
        start(EtcdVersions.old());
    }
}
