package dev.holdfast.lock.spring.shedlock;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.test.EtcdExtension;
import org.junit.jupiter.api.extension.RegisterExtension;

class EtcdLockProviderTests extends LockProviderConformanceTests {

    @RegisterExtension
    static final EtcdExtension ETCD = new EtcdExtension();

    private final String keyPrefix = ETCD.uniquePrefix();

    @Override
    LockRegistry newRegistry() {
        return EtcdLockRegistry.builder()
                .endpoints(ETCD.endpoints())
                .keyPrefix(keyPrefix)
                .build();
    }
}
