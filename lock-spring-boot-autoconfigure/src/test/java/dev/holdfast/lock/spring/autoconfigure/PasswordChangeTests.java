package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.test.EtcdServer;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.core.env.MapPropertySource;

/** A password of etcd that changes while the application runs. */
@Timeout(90)
class PasswordChangeTests {

    private static final Duration TTL = Duration.ofSeconds(6);

    private static EtcdServer etcd;

    /** What a configuration server or a vault serves. */
    private final Map<String, Object> served = new ConcurrentHashMap<>();

    @BeforeAll
    static void start() {
        etcd = EtcdServer.start();
        etcd.enableAuth("app:first");
    }

    @AfterAll
    static void stop() {
        etcd.close();
    }

    @BeforeEach
    void firstPassword() throws Exception {
        changePassword("first");
        served.put("holdfast.etcd.username", "app");
        served.put("holdfast.etcd.password", "first");
    }

    @Test
    void thePropertyIsReadAnewForEachLogin() {
        runner().withInitializer(context ->
                        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("vault", served)))
                .run(aLockSurvivesTheChange());
    }

    @Test
    void connectionDetailsAreAskedAnewForEachLogin() {
        runner().withBean(
                        EtcdConnectionDetails.class,
                        () -> new Details(served, () -> String.valueOf(served.get("holdfast.etcd.password"))))
                .run(aLockSurvivesTheChange());
    }

    @Test
    void detailsThatFailAtTheStartAreNoAnswerOfEtcd() {
        runner().withBean(EtcdConnectionDetails.class, () -> new Details(served, this::sealed))
                .run(context -> {
                    assertThat(Throwables.getStackTrace(Objects.requireNonNull(context.getStartupFailure())))
                            .contains("User and password for etcd could not be had")
                            .doesNotContain("s3cret")
                            .doesNotContain("holdfast.etcd.endpoints");
                });
        runner().withBean(EtcdConnectionDetails.class, () -> new Details(served, this::sealed))
                .withPropertyValues("holdfast.fail-fast=false")
                .run(context -> {
                    served.put("opened", true);
                    context.getBean(LockRegistry.class).lock("x").acquire().release();
                });
    }

    /** A vault that cannot tell yet. */
    private String sealed() {
        if (served.containsKey("opened")) {
            return String.valueOf(served.get("holdfast.etcd.password"));
        }
        throw new IllegalArgumentException("s3cret");
    }

    private static ApplicationContextRunner runner() {
        return new ApplicationContextRunner()
                .withPropertyValues(
                        "holdfast.ttl=" + TTL.toSeconds() + "s", "holdfast.etcd.endpoints=" + etcd.endpoint())
                .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class));
    }

    private ContextConsumer<AssertableApplicationContext> aLockSurvivesTheChange() {
        return context -> {
            LockRegistry locks = context.getBean(LockRegistry.class);
            Client client = context.getBean(Client.class);
            client.getKVClient().get(bytes("locks/x")).get(10, TimeUnit.SECONDS);
            LockHandle held = locks.lock("held").acquire();

            served.put("holdfast.etcd.password", "second");
            changePassword("second");

            locks.lock("other").acquire().release();
            await().during(TTL.plusSeconds(1)).atMost(TTL.multipliedBy(3)).until(held::isHeld);
            held.release();
            locks.lock("held").acquire().release();
            // jetcd tells the first to find its token ended, and logs in for the next.
            await().ignoreExceptions()
                    .until(() -> client.getKVClient().get(bytes("locks/x")).get(10, TimeUnit.SECONDS) != null);
        };
    }

    private static void changePassword(String password) throws Exception {
        try (Client root = Client.builder()
                .endpoints(etcd.endpoint())
                .user(bytes("root"))
                .password(bytes("rootpw"))
                .build()) {
            root.getAuthClient()
                    .userChangePassword(bytes("app"), bytes(password))
                    .get(10, TimeUnit.SECONDS);
        }
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    record Details(Map<String, Object> served, Supplier<String> secret) implements EtcdConnectionDetails {

        @Override
        public List<String> endpoints() {
            return List.of(etcd.endpoint());
        }

        @Override
        public String username() {
            return String.valueOf(served.get("holdfast.etcd.username"));
        }

        @Override
        public String password() {
            return secret.get();
        }
    }
}
