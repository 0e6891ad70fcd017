package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.TestCertificates;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that change while locks are held, on an etcd that takes the name in a client's certificate for its user. */
@Timeout(90)
class EtcdCertificateReloadTests {

    private static final Duration TTL = Duration.ofSeconds(5);

    @TempDir
    static Path directory;

    @TempDir
    static Path otherDirectory;

    private static TestCertificates certificates;
    private static TestCertificates strangers;
    private static EtcdServer etcd;

    private final Queue<LockLoss> losses = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void start() {
        certificates = TestCertificates.in(directory);
        strangers = TestCertificates.in(otherDirectory);
        etcd = EtcdServer.builder()
                .tls(certificates.file("server.crt"), certificates.file("server.key"), certificates.file("ca.crt"))
                .start();
        certificates.issue("root");
        asRoot("user", "add", "root", "--no-password");
        asRoot("user", "grant-role", "root", "root");
        asRoot("role", "add", "locker");
        asRoot("role", "grant-permission", "locker", "--prefix=true", "readwrite", "locks/");
        for (String user : List.of("alice", "bob")) {
            certificates.issue(user);
            asRoot("user", "add", user, "--no-password");
            asRoot("user", "grant-role", user, "locker");
        }
        asRoot("auth", "enable");
    }

    @AfterAll
    static void stop() {
        etcd.close();
    }

    @Test
    void newCertificatesTakeOverAndNothingIsLost() throws Exception {
        ReloadableSslContext changing = new ReloadableSslContext(context(certificates, "alice"));
        try (LogLines log = LogLines.begin();
                LockRegistry mine = registry(changing);
                LockRegistry theirs = registry(new ReloadableSslContext(context(certificates, "bob")));
                Traffic traffic = Traffic.on(mine)) {
            LockHandle held = mine.lock("held").acquire();
            LockHandle awaited = theirs.lock("awaited").acquire();
            CompletableFuture<Optional<LockHandle>> waiter =
                    mine.lock("awaited").tryAcquireAsync(Duration.ofSeconds(60));
            traffic.awaitMore(10);

            changing.reload(context(certificates, "bob"));
            log.await(Level.INFO, "uses the new certificates");
            traffic.awaitMore(10);
            assertThat(traffic.failures()).isEmpty();
            asRoot("user", "revoke-role", "alice", "locker");

            traffic.awaitMore(10);
            await().during(TTL.plusSeconds(1)).atMost(TTL.multipliedBy(3)).until(held::isHeld);
            awaited.release();
            assertThat(waiter).succeedsWithin(TTL);
            waiter.join().orElseThrow().release();
            held.release();
            assertThat(losses).isEmpty();
            assertThat(log.of(Level.WARN)).isEmpty();
            assertRefused(context(certificates, "alice"));
        } finally {
            asRoot("user", "grant-role", "alice", "locker");
        }
    }

    @Test
    void certificatesThatEtcdRefusesChangeNothingAndAreToldOnce() throws Exception {
        ReloadableSslContext changing = new ReloadableSslContext(context(certificates, "bob"));
        try (LogLines log = LogLines.begin();
                LockRegistry locks = registry(changing);
                Traffic traffic = Traffic.on(locks)) {
            LockHandle held = locks.lock("kept").acquire();

            changing.reload(context(strangers, "client"));
            log.await(Level.WARN, "not used yet");
            // Long enough for a second and a third try.
            await().during(TTL.plusSeconds(1)).atMost(TTL.multipliedBy(3)).until(held::isHeld);
            traffic.awaitMore(10);
            assertThat(log.of(Level.WARN))
                    .singleElement()
                    .asString()
                    .contains(etcd.endpoint())
                    .contains("Check that etcd trusts them");

            changing.reload(context(certificates, "alice"));
            log.await(Level.INFO, "uses the new certificates");
            traffic.awaitMore(10);
            held.release();
            assertThat(losses).isEmpty();
            assertThat(traffic.failures()).isEmpty();
        }
    }

    @Test
    void aClosedRegistryIsNoLongerTold() throws Exception {
        ReloadableSslContext changing = new ReloadableSslContext(context(certificates, "bob"));
        try (LogLines log = LogLines.begin()) {
            registry(changing).close();
            changing.reload(context(strangers, "client"));
            try (LockRegistry later = registry(new ReloadableSslContext(context(certificates, "bob")))) {
                later.lock("later").acquire().release();
            }
            assertThat(log.of(Level.WARN)).isEmpty();
        }
    }

    private LockRegistry registry(ReloadableSslContext certificates) {
        return TestStores.builder(List.of(etcd.endpoint()))
                .reloadableSslContext(certificates)
                .defaults(LockOptions.defaults().withTtl(TTL).withWaitTime(Duration.ofSeconds(20)))
                .listener(new LockListener() {
                    @Override
                    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
                        losses.add(loss);
                    }
                })
                .build();
    }

    private static void assertRefused(SslContext context) {
        assertThatExceptionOfType(LockUnavailableException.class)
                .isThrownBy(TestStores.builder(List.of(etcd.endpoint())).sslContext(context)::build)
                .withMessageContaining("permission denied");
    }

    private static SslContext context(TestCertificates ca, String client) throws SSLException {
        return GrpcSslContexts.forClient()
                .trustManager(ca.file("ca.crt").toFile())
                .keyManager(
                        ca.file(client + ".crt").toFile(),
                        ca.file(client + ".key").toFile())
                .build();
    }

    private static void asRoot(String... command) {
        List<String> line = new ArrayList<>(List.of(
                "--cacert=" + certificates.file("ca.crt"),
                "--cert=" + certificates.file("root.crt"),
                "--key=" + certificates.file("root.key")));
        line.addAll(List.of(command));
        etcd.etcdctl(line.toArray(String[]::new));
    }
}
