package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.GrpcLink;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Users and passwords that change while locks are held. */
@Timeout(90)
class EtcdPasswordChangeTests {

    private static final Duration TTL = Duration.ofSeconds(8);
    private static final EtcdCredentials ROOT = new EtcdCredentials("root", "rootpw");
    private static final EtcdCredentials FIRST = new EtcdCredentials("app", "first");
    private static final EtcdCredentials SECOND = new EtcdCredentials("app", "second");

    private static EtcdServer etcd;

    private final Queue<LockLoss> losses = new ConcurrentLinkedQueue<>();
    private final AtomicReference<EtcdCredentials> current = new AtomicReference<>(FIRST);

    @BeforeAll
    static void start() {
        etcd = EtcdServer.start();
        etcd.enableAuth("app:first", "next:other");
    }

    @AfterAll
    static void stop() {
        etcd.close();
    }

    @BeforeEach
    void firstPassword() throws Exception {
        changePassword(FIRST);
    }

    @Test
    void aHoldSurvivesAChangeOfThePasswordAndTheNewOneIsUsed() throws Exception {
        try (LockRegistry locks = registry(current::get)) {
            LockHandle held = locks.lock("held").acquire();

            changePassword(SECOND);
            // etcd knows the new one, the application does not yet.
            assertThatExceptionOfType(LockException.class)
                    .isThrownBy(() -> locks.lock("early", options().withWaitTime(Duration.ofSeconds(1)))
                            .acquire())
                    .withMessageContaining("authentication failed");
            current.set(SECOND);

            locks.lock("next").acquire().release();
            await().during(TTL.plusSeconds(1)).atMost(TTL.multipliedBy(3)).until(held::isHeld);
            held.release();
            locks.lock("held").acquire().release();
            assertThat(losses).isEmpty();
        }
        assertThatExceptionOfType(LockUnavailableException.class)
                .isThrownBy(() -> registry(() -> FIRST))
                .withMessageContaining("authentication failed");
    }

    @Test
    void anotherUserMayTakeOver() throws Exception {
        try (LockRegistry locks = registry(current::get)) {
            LockHandle held = locks.lock("held").acquire();
            current.set(new EtcdCredentials("next", "other"));

            changePassword(SECOND);

            locks.lock("next").acquire().release();
            await().during(TTL.plusSeconds(1)).atMost(TTL.multipliedBy(3)).until(held::isHeld);
            held.release();
            assertThat(losses).isEmpty();
        }
    }

    @Test
    void aSourceThatFailsIsAskedAgain() throws Exception {
        AtomicInteger failures = new AtomicInteger();
        AtomicReference<String> trouble = new AtomicReference<>("");
        Supplier<EtcdCredentials> source = () -> {
            String now = trouble.get();
            if (now != null && !now.isEmpty()) {
                failures.incrementAndGet();
                throw new IllegalStateException(now);
            }
            return current.get();
        };
        try (LockRegistry locks = registry(source)) {
            LockHandle held = locks.lock("held").acquire();
            trouble.set("the vault is sealed");
            changePassword(SECOND);
            current.set(SECOND);

            assertThatExceptionOfType(LockUnavailableException.class)
                    .isThrownBy(() -> locks.lock("early", options().withWaitTime(Duration.ofSeconds(1)))
                            .acquire())
                    .withMessageContaining("java.lang.IllegalStateException");
            assertThat(failures).hasPositiveValue();
            trouble.set("");

            locks.lock("next").acquire().release();
            await().during(TTL.plusSeconds(1)).atMost(TTL.multipliedBy(3)).until(held::isHeld);
            held.release();
            assertThat(losses).isEmpty();
        }
    }

    @Test
    void aSourceThatFailsAtTheStartIsNoAnswerOfEtcd() throws Exception {
        AtomicBoolean sealed = new AtomicBoolean(true);
        Supplier<EtcdCredentials> source = () -> {
            if (sealed.get()) {
                throw new IllegalStateException("s3cret");
            }
            return FIRST;
        };
        assertThatExceptionOfType(LockUnavailableException.class)
                .isThrownBy(() -> registry(source))
                .withMessageContaining("User and password for etcd could not be had")
                .satisfies(failure -> assertThat(failure).hasStackTraceContaining("java.lang.IllegalStateException"))
                .satisfies(
                        failure -> assertThat(Throwables.getStackTrace(failure)).doesNotContain("s3cret"));
        try (LockRegistry locks = TestStores.builder(List.of(etcd.endpoint()))
                .credentials(source)
                .failFast(false)
                .build()) {
            sealed.set(false);
            locks.lock("a").acquire().release();
        }
    }

    @Test
    void aLoginWithoutAnswerIsRepeatedAtTheStart() throws Exception {
        try (GrpcLink link = GrpcLink.to(etcd.endpoint())) {
            CompletableFuture<Void> lost = link.loseNext(GrpcLink.Method.AUTHENTICATE, GrpcLink.Loss.SILENCE);
            try (LockRegistry locks = TestStores.builder(List.of(link.endpoint()))
                    .credentials(() -> FIRST)
                    .requestTimeout(Duration.ofMillis(700))
                    .build()) {
                assertThat(lost).isCompleted();
                locks.lock("a").acquire().release();
            }
        }
    }

    @Test
    void theClientForTheUsersOwnRequestsAsksToo() throws Exception {
        try (Client client = TestStores.builder(List.of(etcd.endpoint()))
                .credentials(current::get)
                .buildClient()) {
            client.getKVClient().get(bytes("locks/x")).get(10, TimeUnit.SECONDS);
            changePassword(SECOND);
            current.set(SECOND);
            // jetcd tells the first to find its token ended, and logs in for the next.
            await().ignoreExceptions()
                    .until(() -> client.getKVClient().get(bytes("locks/x")).get(10, TimeUnit.SECONDS) != null);
        }
    }

    @Test
    void credentialsAreCheckedAndNeverShown() {
        assertThat(FIRST).hasToString("EtcdCredentials[username=app]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EtcdCredentials(" ", "first"))
                .withMessageContaining("username");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EtcdCredentials("app", ""))
                .withMessageContaining("password of the user \"app\"");
        assertThatIllegalArgumentException()
                .isThrownBy(TestStores.builder(List.of(etcd.endpoint()))
                        .username("app")
                        .password("first")
                        .credentials(() -> FIRST)::build)
                .withMessageContaining("credentials");
    }

    private static void changePassword(EtcdCredentials to) throws Exception {
        try (Client root = TestStores.builder(List.of(etcd.endpoint()))
                .credentials(() -> ROOT)
                .buildClient()) {
            root.getAuthClient()
                    .userChangePassword(bytes(to.username()), bytes(to.password()))
                    .get(10, TimeUnit.SECONDS);
        }
    }

    private LockRegistry registry(Supplier<EtcdCredentials> credentials) {
        return TestStores.builder(List.of(etcd.endpoint()))
                .credentials(credentials)
                .defaults(options())
                .listener(new LockListener() {
                    @Override
                    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
                        losses.add(loss);
                    }
                })
                .build();
    }

    private static LockOptions options() {
        return LockOptions.defaults().withTtl(TTL).withWaitTime(Duration.ofSeconds(20));
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }
}
