package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.test.EtcdCluster;
import dev.holdfast.lock.test.EtcdServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Several members, names instead of addresses, and names with several addresses. */
@Timeout(120)
class EndpointFailoverTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withBean(Ledger.class)
            .withPropertyValues("holdfast.wait-time=30s")
            .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class));

    @Test
    void whicheverMemberDiesTheLocksGoOn() {
        try (EtcdCluster etcd = EtcdCluster.start()) {
            runner.withPropertyValues("holdfast.etcd.endpoints=" + String.join(",", etcd.endpoints()))
                    .run(context -> {
                        LockHandle held =
                                context.getBean(LockRegistry.class).lock("held").acquire();
                        // Requests go round the members, so each is one we talk to.
                        for (EtcdServer member : etcd.members()) {
                            member.kill();
                            for (int i = 0; i < 10; i++) {
                                assertThat(context.getBean(Ledger.class).book("account-" + i))
                                        .isEqualTo("booked account-" + i);
                            }
                            member.restart();
                        }
                        assertThat(held.isHeld()).isTrue();
                        held.release();
                    });
        }
    }

    @Test
    void aNameWillDo() {
        try (EtcdServer etcd = EtcdServer.start()) {
            runner.withPropertyValues("holdfast.etcd.endpoints=http://localhost:"
                            + URI.create(etcd.endpoint()).getPort())
                    .run(context ->
                            assertThat(context.getBean(Ledger.class).book("a")).isEqualTo("booked a"));
        }
    }

    /** In a JVM of its own, whose names come from a file. */
    @Test
    void ofANameWithSeveralAddressesEachIsTried(@TempDir Path directory) throws Exception {
        EtcdServer.Builder elsewhere =
                EtcdServer.builder().places(List.of(new EtcdServer.Place("127.0.0.3", List.of())));
        try (EtcdServer etcd = elsewhere.start()) {
            Path names = Files.writeString(
                    directory.resolve("hosts"),
                    "127.0.0.1 localhost " + InetAddress.getLocalHost().getHostName() + "\n"
                            + "127.0.0.2 etcd.test\n127.0.0.3 etcd.test\n");
            String endpoint = "http://etcd.test:" + URI.create(etcd.endpoint()).getPort();
            assertThat(runApplication("-Djdk.net.hosts.file=" + names, "--holdfast.etcd.endpoints=" + endpoint))
                    .contains("booked a");
        }
    }

    @Test
    void anUnknownNameIsToldAtTheStart() {
        runner.withPropertyValues("holdfast.etcd.endpoints=http://nowhere.invalid:2379")
                .run(context -> assertThat(context.getStartupFailure())
                        .hasStackTraceContaining("nowhere.invalid")
                        .hasStackTraceContaining("correct the endpoints"));
    }

    private static String runApplication(String option, String argument) throws IOException, InterruptedException {
        Process application = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        option,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Application.class.getName(),
                        "--spring.docker.compose.enabled=false",
                        argument)
                .redirectErrorStream(true)
                .start();
        String output = new String(application.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(application.waitFor()).as(output).isZero();
        return output;
    }

    static class Ledger {

        @DistributedLock(name = "ledger", key = "#account")
        String book(String account) {
            return "booked " + account;
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @ImportAutoConfiguration(HoldfastAutoConfiguration.class)
    static class Application {

        @Bean
        Ledger ledger() {
            return new Ledger();
        }

        public static void main(String[] arguments) {
            try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .run(arguments)) {
                System.out.println(context.getBean(Ledger.class).book("a"));
            }
        }
    }
}
