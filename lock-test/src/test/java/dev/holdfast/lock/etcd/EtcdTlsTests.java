package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.TestCertificates;
import dev.holdfast.lock.test.WatchRecorder;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS with a client certificate, and every way to get it wrong. */
class EtcdTlsTests {

    private static final Duration STARTUP_LIMIT = Duration.ofSeconds(5);

    @TempDir
    static Path directory;

    @TempDir
    static Path otherDirectory;

    private static TestCertificates certificates;
    private static TestCertificates others;
    private static EtcdServer etcd;
    private static EtcdServer plain;

    @BeforeAll
    static void start() {
        certificates = TestCertificates.in(directory);
        others = TestCertificates.in(otherDirectory);
        etcd = EtcdServer.builder()
                .tls(certificates.file("server.crt"), certificates.file("server.key"), certificates.file("ca.crt"))
                .start();
        plain = EtcdServer.start();
    }

    @AfterAll
    static void stop() {
        etcd.close();
        plain.close();
    }

    @Test
    void locksWorkWithAClientCertificate() throws Exception {
        try (LockRegistry locks = TestStores.builder(List.of(etcd.endpoint()))
                .sslContext(context(certificates, certificates))
                .build()) {
            LockHandle handle = locks.lock("tls").acquire();
            assertThat(handle.fencingToken()).isPositive();
            handle.release();
        }
    }

    @Test
    void watchesWorkAndSurviveAnOutage() throws Exception {
        try (EtcdStore store = TestStores.builder(List.of(etcd.endpoint()))
                .sslContext(context(certificates, certificates))
                .connect()) {
            WatchRecorder first = new WatchRecorder();
            store.watch(KeyRange.single("tls"), first);
            await().until(() -> first.readies() == 1);
            etcd.restart();
            await().until(() -> first.breaks().size() == 1);
            await().pollInterval(Duration.ofMillis(100))
                    .atMost(Duration.ofSeconds(4))
                    .until(() -> store.status(Duration.ofSeconds(1))
                            .handle((status, failure) -> failure == null)
                            .join());
        }
    }

    @Test
    @Timeout(10)
    void aMissingClientCertificateIsNamed() throws Exception {
        assertRefused(etcd.endpoint(), context(certificates, null), "certificate");
    }

    @Test
    @Timeout(10)
    void aCertificateOfAnotherCaIsNamed() throws Exception {
        assertRefused(etcd.endpoint(), context(others, certificates), "CA");
    }

    @Test
    @Timeout(10)
    void tlsToAPlainServerIsNamed() throws Exception {
        assertRefused(plain.endpoint().replace("http:", "https:"), context(certificates, certificates), "use http://");
    }

    @Test
    @Timeout(10)
    void plainToATlsServerIsNamed() {
        assertRefused(etcd.endpoint().replace("https:", "http:"), null, "use https://");
    }

    @Test
    void httpsNeedsAnSslContextAndHttpNone() throws Exception {
        SslContext context = context(certificates, null);
        assertThatIllegalArgumentException()
                .isThrownBy(TestStores.builder(List.of(etcd.endpoint()))::build)
                .withMessageContaining("sslContext")
                .withMessageContaining(etcd.endpoint());
        assertThatIllegalArgumentException()
                .isThrownBy(TestStores.builder(List.of(plain.endpoint())).sslContext(context)::build)
                .withMessageContaining("sslContext");
    }

    private static void assertRefused(String endpoint, @Nullable SslContext context, String advice) {
        long before = System.nanoTime();
        assertThatExceptionOfType(LockUnavailableException.class)
                .isThrownBy(TestStores.builder(List.of(endpoint)).sslContext(context)::build)
                .withMessageContaining(endpoint)
                .withMessageContaining(advice)
                .satisfies(failure -> assertThat(failure.lockName()).isEmpty());
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(STARTUP_LIMIT);
    }

    private static SslContext context(TestCertificates server, @Nullable TestCertificates client) throws SSLException {
        SslContextBuilder builder =
                GrpcSslContexts.forClient().trustManager(server.file("ca.crt").toFile());
        if (client != null) {
            builder.keyManager(
                    client.file("client.crt").toFile(),
                    client.file("client.key").toFile());
        }
        return builder.build();
    }
}
