package dev.holdfast.lock.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.LockContext;
import dev.holdfast.lock.test.EtcdServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** An application with the starter and nothing else of Spring, and a configuration of three lines. */
class StarterTests {

    @Test
    void aMethodIsLockedInEtcd() throws Exception {
        assertThat(Files.readAllLines(Path.of("src", "test", "resources", "application.yml")))
                .hasSize(3);
        try (EtcdServer etcd = EtcdServer.start();
                ConfigurableApplicationContext context =
                        SpringApplication.run(Application.class, "--address-of-etcd=" + etcd.endpoint())) {
            assertThat(context.getBean(Ledger.class).book(42, etcd)).contains("locks/account:42/");
            assertThat(etcd.etcdctl("get", "--prefix", "--keys-only", "locks/")).isBlank();
        }
    }

    /** Else the test above says less than it seems to. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.micrometer.core.instrument.MeterRegistry",
                "kotlin.Unit",
                "net.javacrumbs.shedlock.core.LockProvider",
                "org.aspectj.weaver.Advice",
                "org.springframework.boot.actuate.endpoint.annotation.Endpoint",
                "org.springframework.boot.docker.compose.core.RunningService",
                "org.springframework.boot.health.contributor.HealthIndicator",
                "org.springframework.boot.testcontainers.service.connection.ServiceConnection",
                "org.springframework.integration.support.locks.LockRegistry",
                "org.springframework.transaction.PlatformTransactionManager",
                "org.springframework.web.client.RestClient",
                "org.testcontainers.containers.GenericContainer",
                "reactor.core.publisher.Mono",
            })
    void theStarterBringsNoneOf(String optional) {
        assertThatExceptionOfType(ClassNotFoundException.class).isThrownBy(() -> Class.forName(optional));
    }

    static class Ledger {

        @DistributedLock(name = "account", key = "#account")
        String book(long account, EtcdServer etcd) {
            LockContext.current().ensureHeld();
            return etcd.etcdctl("get", "--prefix", "--keys-only", "locks/account:");
        }
    }

    @SpringBootApplication
    static class Application {

        @Bean
        Ledger ledger() {
            return new Ledger();
        }
    }
}
