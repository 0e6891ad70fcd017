package dev.holdfast.lock.etcd;

import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.EtcdVersions.EtcdVersion;
import dev.holdfast.lock.test.LockConformanceTests;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;

/** The locks on one version of etcd; a class for each, because reports count classes. */
abstract class VersionLockConformanceTests extends LockConformanceTests {

    private static @Nullable EtcdServer etcd;

    VersionLockConformanceTests() {
        super(new EtcdUnderTest(List.of(Objects.requireNonNull(etcd).endpoint())));
    }

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
}
