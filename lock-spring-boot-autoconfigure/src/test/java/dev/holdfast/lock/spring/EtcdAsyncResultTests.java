package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class EtcdAsyncResultTests extends AsyncResultStoreTests {

    private static EtcdServer etcd;

    private final String keyPrefix = "test-" + UUID.randomUUID() + "/";

    @BeforeAll
    static void start() {
        etcd = EtcdServer.start();
    }

    @AfterAll
    static void stop() {
        etcd.close();
    }

    @Override
    ApplicationContextRunner store(ApplicationContextRunner runner) {
        return runner.withBean(
                LockRegistry.class,
                () -> EtcdLockRegistry.builder()
                        .endpoints(etcd.endpoint())
                        .keyPrefix(keyPrefix)
                        // A busy machine is not what is tested here.
                        .requestTimeout(Duration.ofSeconds(5))
                        .build());
    }

    @Override
    void takeAway(String name) {
        etcd.etcdctl("del", "--prefix", keyPrefix + name + "/");
    }
}
