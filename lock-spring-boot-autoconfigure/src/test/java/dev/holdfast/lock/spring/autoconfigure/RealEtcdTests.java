package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.LockContext;
import dev.holdfast.lock.spring.health.EtcdLockHealthIndicator;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.Quickest;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The starter against etcd processes: plain, with users, and with TLS. */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(60)
class RealEtcdTests {

    private static final String PASSWORD = "s3cret-word";
    private static final Duration REPORTED_WITHIN = Duration.ofSeconds(5);

    @TempDir
    private static Path directory = Path.of("");

    private static EtcdServer plain;
    private static EtcdServer users;
    private static EtcdServer tls;
    private static SelfSigned trusted;
    private static SelfSigned untrusted;

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withUserConfiguration(Ledger.class)
            .withConfiguration(AutoConfigurations.of(
                    SslAutoConfiguration.class,
                    HoldfastAutoConfiguration.class,
                    HoldfastHealthAutoConfiguration.class));

    @BeforeAll
    static void start() throws Exception {
        trusted = SelfSigned.in(directory, "trusted");
        untrusted = SelfSigned.in(directory, "untrusted");
        plain = EtcdServer.start();
        tls = EtcdServer.builder()
                .tls(trusted.certificate(), trusted.key(), null)
                .start();
        users = EtcdServer.start();
        users.etcdctl("user", "add", "root:" + PASSWORD);
        users.etcdctl("user", "grant-role", "root", "root");
        users.etcdctl("user", "add", "nobody:" + PASSWORD);
        users.etcdctl("auth", "enable");
    }

    @AfterAll
    static void stop() {
        plain.close();
        tls.close();
        users.close();
    }

    @Test
    void theKeyIsWhereThePropertiesSay() {
        runner.withPropertyValues(
                        "holdfast.etcd.endpoints=" + plain.endpoint(),
                        "holdfast.etcd.namespace=team-a/",
                        "holdfast.key-prefix=mine/",
                        "holdfast.encode-names=false",
                        "spring.application.name=ledger-service")
                .run(context -> {
                    LockHandle handle =
                            context.getBean(LockRegistry.class).lock("a/b").acquire();
                    assertThat(plain.etcdctl("get", "--prefix", "team-a/mine/a/b/"))
                            .contains("ledger-service");
                    handle.release();
                    assertThat(plain.etcdctl("get", "--prefix", "team-a/mine/")).isBlank();
                });
    }

    @Test
    void theAnnotationLocksInEtcd() {
        runner.withPropertyValues("holdfast.etcd.endpoints=" + plain.endpoint()).run(context -> {
            assertThat(context.getBean(Ledger.class).book("42", plain)).contains("locks/ledger:42/");
            assertThat(plain.etcdctl("get", "--prefix", "locks/ledger:42")).isBlank();
        });
    }

    @Test
    void theClientBeanSpeaksToTheSameEtcd() {
        runner.withPropertyValues("holdfast.etcd.endpoints=" + plain.endpoint()).run(context -> {
            Client client = context.getBean(Client.class);
            client.getKVClient().put(bytes("mine"), bytes("value")).get(5, TimeUnit.SECONDS);
            assertThat(plain.etcdctl("get", "mine")).contains("value");
        });
    }

    @Test
    void closingTheContextRevokesItsLeases() {
        runner.withPropertyValues("holdfast.etcd.endpoints=" + plain.endpoint(), "holdfast.shutdown-timeout=100ms")
                .run(context -> {
                    context.getBean(LockRegistry.class).lock("abandoned").acquire();
                    assertThat(plain.etcdctl("get", "--prefix", "locks/abandoned/"))
                            .isNotBlank();
                });
        assertThat(plain.etcdctl("get", "--prefix", "locks/abandoned/")).isBlank();
    }

    @Test
    void aShutdownThatWaitsForNobodyStillRevokesItsLeases() {
        for (int i = 0; i < 3; i++) {
            runner.withPropertyValues("holdfast.etcd.endpoints=" + plain.endpoint(), "holdfast.shutdown-timeout=0s")
                    .run(context -> assertThat(context.getBean(LockRegistry.class)
                                    .lock("hurried")
                                    .tryAcquire())
                            .isPresent());
            assertThat(plain.etcdctl("get", "--prefix", "locks/hurried/")).isBlank();
        }
    }

    @Test
    void healthShowsEtcdAndGoesDownWithIt() {
        try (EtcdServer etcd = EtcdServer.start()) {
            runner.withPropertyValues("holdfast.etcd.endpoints=" + etcd.endpoint())
                    .run(context -> {
                        EtcdLockHealthIndicator indicator = context.getBean(EtcdLockHealthIndicator.class);
                        assertThat(Objects.requireNonNull(indicator.health(true))
                                        .getDetails())
                                .containsEntry("leader", true)
                                .hasEntrySatisfying(
                                        "version",
                                        version ->
                                                assertThat(version).asString().startsWith("3."));
                        etcd.freeze();
                        Duration limit = Duration.ofSeconds(3);
                        Duration took = Quickest.toRun(limit, () -> {
                            assertThat(Objects.requireNonNull(indicator.health(true))
                                            .getStatus())
                                    .isEqualTo(Status.DOWN);
                        });
                        assertThat(took).isLessThan(limit);
                        etcd.thaw();
                    });
        }
    }

    @Test
    void usersLogIn() {
        runner.withPropertyValues(
                        "holdfast.etcd.endpoints=" + users.endpoint(),
                        "holdfast.etcd.username=root",
                        "holdfast.etcd.password=" + PASSWORD)
                .run(context -> assertThat(
                                context.getBean(LockRegistry.class).lock("x").tryAcquire())
                        .isPresent());
    }

    @Test
    void aWrongPasswordIsReported(CapturedOutput output) {
        Duration took = StartFailureTests.start(
                "--holdfast.etcd.endpoints=" + users.endpoint(),
                "--holdfast.etcd.username=root",
                "--holdfast.etcd.password=wrong-" + PASSWORD);
        assertReported(output, took, users, "'holdfast.etcd.username' and 'holdfast.etcd.password'");
    }

    @Test
    void aMissingUserIsReported(CapturedOutput output) {
        Duration took = StartFailureTests.start("--holdfast.etcd.endpoints=" + users.endpoint());
        assertReported(output, took, users, "'holdfast.etcd.username' and 'holdfast.etcd.password'");
    }

    @Test
    void aUserWithoutPermissionIsReported(CapturedOutput output) {
        Duration took = StartFailureTests.start(
                "--holdfast.etcd.endpoints=" + users.endpoint(),
                "--holdfast.etcd.username=nobody",
                "--holdfast.etcd.password=" + PASSWORD);
        assertReported(output, took, users, "'holdfast.key-prefix'");
    }

    @Test
    void tlsWithABundle() {
        runner.withPropertyValues(
                        "holdfast.etcd.endpoints=" + tls.endpoint(),
                        "holdfast.etcd.ssl.bundle=etcd",
                        "spring.ssl.bundle.pem.etcd.truststore.certificate=file:" + trusted.certificate())
                .run(context -> assertThat(
                                context.getBean(LockRegistry.class).lock("x").tryAcquire())
                        .isPresent());
    }

    @Test
    void aWrongCertificateAuthorityIsReported(CapturedOutput output) {
        Duration took = StartFailureTests.start(
                "--holdfast.etcd.endpoints=" + tls.endpoint(),
                "--holdfast.etcd.ssl.bundle=etcd",
                "--spring.ssl.bundle.pem.etcd.truststore.certificate=file:" + untrusted.certificate());
        assertReported(output, took, tls, "'holdfast.etcd.ssl.bundle'");
    }

    @Test
    void plainTextToATlsPortIsReported(CapturedOutput output) {
        String endpoint = tls.endpoint().replace("https", "http");
        Duration took = StartFailureTests.start("--holdfast.etcd.endpoints=" + endpoint);
        assertThat(output).contains(endpoint).contains("https");
        assertThat(took).isLessThan(REPORTED_WITHIN);
    }

    @Test
    void anEtcdThatDoesNotAnswerIsReportedInTime(CapturedOutput output) throws Exception {
        try (EtcdServer frozen = EtcdServer.start()) {
            frozen.freeze();
            Duration took = Quickest.of(
                    REPORTED_WITHIN, () -> StartFailureTests.start("--holdfast.etcd.endpoints=" + frozen.endpoint()));
            assertReported(output, took, frozen, "'holdfast.fail-fast=false'");
            frozen.thaw();
        }
    }

    private static void assertReported(CapturedOutput output, Duration took, EtcdServer etcd, String remedy) {
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains(etcd.endpoint())
                .contains(remedy)
                .doesNotContain(PASSWORD);
        assertThat(took).isLessThan(REPORTED_WITHIN);
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    static class Ledger {

        @DistributedLock(name = "ledger", key = "#account")
        String book(String account, EtcdServer etcd) {
            LockContext.current().ensureHeld();
            return etcd.etcdctl("get", "--prefix", "--keys-only", "locks/ledger:" + account + "/");
        }
    }
}
