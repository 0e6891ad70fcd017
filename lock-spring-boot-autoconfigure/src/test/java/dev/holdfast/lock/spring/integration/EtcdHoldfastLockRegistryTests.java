package dev.holdfast.lock.spring.integration;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.TcpLink;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;

class EtcdHoldfastLockRegistryTests extends HoldfastLockRegistryTests {

    private static EtcdServer etcd;

    private final String keyPrefix = "test-" + UUID.randomUUID() + "/";
    private final List<TcpLink> links = new ArrayList<>();

    @BeforeAll
    static void start() {
        etcd = EtcdServer.start();
    }

    @AfterAll
    static void stop() {
        etcd.close();
    }

    @Override
    Process connect(LockOptions defaults) {
        TcpLink link = TcpLink.to(etcd.endpoint());
        links.add(link);
        LockRegistry registry = EtcdLockRegistry.builder()
                .endpoints(link.endpoint())
                .keyPrefix(keyPrefix)
                .defaults(defaults)
                .build();
        return new Process(registry, () -> {
            link.pauseToServer();
            link.pauseToClient();
        });
    }

    @Override
    void disconnect() {
        links.forEach(TcpLink::close);
    }

    @Test
    void etcdOutOfReachIsSpringsException() {
        Process process = connect(LockOptions.defaults());
        HoldfastLockRegistry registry = new HoldfastLockRegistry(process.locks());
        process.cutOff().run();
        assertThatExceptionOfType(CannotAcquireLockException.class)
                .isThrownBy(() -> registry.obtain("seat").tryLock())
                .withCauseInstanceOf(LockUnavailableException.class);
        process.locks().close();
    }
}
