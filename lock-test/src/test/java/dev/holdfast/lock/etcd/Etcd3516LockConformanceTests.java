package dev.holdfast.lock.etcd;

import dev.holdfast.lock.test.EtcdVersions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The locks on etcd 3.5.16, which asks for no token at a renewal. */
@Tag("versions")
@Tag("faults")
class Etcd3516LockConformanceTests extends VersionLockConformanceTests {

    @BeforeAll
    static void start() {
        start(EtcdVersions.withoutTokensForRenewals());
    }
}
