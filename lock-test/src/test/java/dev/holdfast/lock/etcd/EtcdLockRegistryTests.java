package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.test.EtcdEndpoints;
import dev.holdfast.lock.test.EtcdExtension;
import dev.holdfast.lock.test.Quickest;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(EtcdExtension.class)
class EtcdLockRegistryTests {

    @Test
    void aRegistryWorksWithDefaults(@EtcdEndpoints List<String> endpoints) throws Exception {
        try (LockRegistry locks = EtcdLockRegistry.builder()
                .endpoints(endpoints)
                .keyPrefix("registry-defaults/")
                .owner("test")
                .build()) {
            locks.lock("a").acquire().release();
            assertThat(locks.ping(Duration.ofSeconds(2)).join().leaderKnown()).isTrue();
        }
    }

    @Test
    void theCustomizerHasTheLastWord(@EtcdEndpoints String[] endpoints) {
        AtomicInteger calls = new AtomicInteger();
        try (EtcdStore store = EtcdLockRegistry.builder()
                .endpoints(endpoints)
                .clientCustomizer(builder -> {
                    calls.incrementAndGet();
                    return builder.waitForReady(true).retryMaxAttempts(1);
                })
                .connect()) {
            assertThat(store.status(Duration.ofSeconds(2)).join().version()).isNotEmpty();
        }
        assertThat(calls).hasPositiveValue();
    }

    @Test
    void theClientHasTheSameSettings(@EtcdEndpoints String endpoint) throws Exception {
        try (Client client = EtcdLockRegistry.builder()
                .endpoints(endpoint)
                .namespace("client-test/")
                .buildClient()) {
            assertThat(client.getKVClient()
                            .get(ByteSequence.from("none", StandardCharsets.UTF_8))
                            .get(5, TimeUnit.SECONDS)
                            .getCount())
                    .isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:1", "http://[::1]:1", "http://no-such-host.invalid:2379"})
    @Timeout(10)
    void anUnreachableEtcdIsNamedWithinFiveSeconds(String endpoint) {
        long before = System.nanoTime();
        assertThatExceptionOfType(LockUnavailableException.class)
                .isThrownBy(EtcdLockRegistry.builder().endpoints(endpoint)::build)
                .withMessageContaining(endpoint)
                .withMessageContaining("Check that etcd runs there")
                .satisfies(failure -> assertThat(failure.lockName()).isEmpty());
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    @Timeout(60)
    void somethingThatNeverAnswersIsNamedWithinFiveSeconds() throws Exception {
        Duration limit = Duration.ofSeconds(5);
        try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            String endpoint = "http://127.0.0.1:" + mute.getLocalPort();
            Duration took = Quickest.toRun(limit, () -> {
                assertThatExceptionOfType(LockUnavailableException.class)
                        .isThrownBy(EtcdLockRegistry.builder().endpoints(endpoint)::build)
                        .withMessageContaining("without answering");
            });
            assertThat(took).isLessThan(limit);
        }
    }

    @Test
    void withoutFailFastARegistryIsMadeAllTheSame() {
        try (LockRegistry locks = EtcdLockRegistry.builder()
                .endpoints("http://127.0.0.1:1")
                .failFast(false)
                .build()) {
            assertThatExceptionOfType(LockUnavailableException.class)
                    .isThrownBy(() -> locks.lock("a").tryAcquire());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "localhost:2379         | has no scheme; write \"http://localhost:2379\"",
                "127.0.0.1:2379         | has no scheme",
                "''                     | blank",
                "http://localhost:99999 | the port 99999",
                "http://localhost:0     | the port 0",
                "http://localhost/path  | has a path",
                "http://localhost?a=b   | has a path, query",
                "http://my_host:2379    | no usable host name",
                "ftp://localhost:21     | the scheme \"ftp\"",
                "http://                | is not a URL",
                "http://a:1,http://b:2  | several in one",
                "http://u:pw@host:2379  | contains a user",
            })
    void endpointsThatCannotWorkAreRefused(String endpoint, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(EtcdLockRegistry.builder().endpoints(endpoint)::build)
                .withMessageStartingWith("endpoints ")
                .withMessageContaining(reason)
                .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("pw"));
    }

    @Test
    void ipv6AndDefaultPortsAreFine() {
        assertThat(Endpoints.parse(List.of("http://[::1]:2379", "HTTP://localhost/", "http://etcd-0.etcd"))
                        .uris())
                .extracting(Object::toString)
                .containsExactly("http://[::1]:2379", "http://localhost", "http://etcd-0.etcd");
    }

    @Test
    void otherArgumentsThatCannotWorkAreRefused() {
        assertRefused(EtcdLockRegistry.builder().endpoints(), "endpoints is empty");
        assertRefused(EtcdLockRegistry.builder().endpoints("http://a:1", "https://b:1"), "mix http and https");
        assertRefused(EtcdLockRegistry.builder().password("s3cret"), "username is not");
        assertRefused(EtcdLockRegistry.builder().username("app"), "password is not set");
        assertRefused(EtcdLockRegistry.builder().username(" ").password("s3cret"), "username is blank");
        assertSetterRefuses(() -> EtcdLockRegistry.builder().namespace("/"), "namespace is \"/\"");
        assertSetterRefuses(() -> EtcdLockRegistry.builder().namespace("a b/"), "namespace is \"a b/\"");
        assertSetterRefuses(() -> EtcdLockRegistry.builder().keyPrefix(""), "keyPrefix is \"\"");
        assertSetterRefuses(() -> EtcdLockRegistry.builder().keyPrefix("locks"), "ends with \"/\"");
        assertSetterRefuses(() -> EtcdLockRegistry.builder().keyPrefix("lo\ncks/"), "control characters");
        assertSetterRefuses(() -> EtcdLockRegistry.builder().requestTimeout(Duration.ZERO), "requestTimeout is PT0S");
        assertSetterRefuses(() -> EtcdLockRegistry.builder().requestTimeout(Duration.ofDays(1)), "requestTimeout");
        assertSetterRefuses(() -> EtcdLockRegistry.builder().closeTimeout(Duration.ofSeconds(-1)), "closeTimeout");
    }

    private static void assertRefused(EtcdLockRegistry.Builder builder, String text) {
        assertSetterRefuses(builder::build, text);
    }

    private static void assertSetterRefuses(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(call)
                .withMessageContaining(text)
                .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("s3cret"));
    }
}
