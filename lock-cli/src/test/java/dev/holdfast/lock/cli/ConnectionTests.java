package dev.holdfast.lock.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.test.EtcdExtension;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.TcpLink;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class ConnectionTests {

    @RegisterExtension
    static final EtcdExtension OWN = EtcdExtension.withServer();

    private final Revocation revocation = new Revocation();

    /** Another may lead by the time etcd is heard of again, so a process that has lost must not wait for that. */
    @Test
    void afterALossItWaitsForNobody(EtcdServer etcd) throws Exception {
        try (TcpLink link = TcpLink.to(etcd.endpoint())) {
            Connection connection = new Connection(registry(link.endpoint(), Duration.ofMinutes(4)), revocation);
            LockHandle handle = connection.registry().lock("lost").acquire();
            link.refuse();
            handle.lost().toCompletableFuture().join();
            connection.lost();
            connection.close();
        }
    }

    @Test
    void otherwiseItWaitsUntilNothingIsLeft(EtcdServer etcd) throws Exception {
        Connection connection = new Connection(registry(etcd.endpoint(), Duration.ofSeconds(30)), revocation);
        connection.registry().lock("left").acquire();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(connection::close);
        assertThat(closed).succeedsWithin(60, SECONDS);
        assertThat(etcd.etcdctl("get", "--prefix", "--keys-only", "locks/left")).isBlank();
    }

    private LockRegistry registry(String endpoint, Duration closeTimeout) {
        return EtcdLockRegistry.builder()
                .endpoints(endpoint)
                .defaults(LockOptions.defaults().withTtl(Duration.ofSeconds(5)))
                .closeTimeout(closeTimeout)
                .clientCustomizer(client -> client.interceptor(revocation))
                .build();
    }
}
