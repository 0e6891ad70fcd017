package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.StoreStatus;
import dev.holdfast.lock.spring.health.EtcdLockHealthIndicator;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.Mockito;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class HoldfastHealthAutoConfigurationTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withPropertyValues("holdfast.store=memory", "holdfast.shutdown-timeout=0s")
            .withConfiguration(AutoConfigurations.of(
                    HoldfastAutoConfiguration.class,
                    HoldfastHealthAutoConfiguration.class,
                    HealthContributorAutoConfiguration.class,
                    HealthContributorRegistryAutoConfiguration.class));

    @Test
    void isNamedEtcdLockAndShowsStoreAndSessions() {
        runner.run(context -> {
            assertThat(context.getBean(HealthContributorRegistry.class).getContributor("etcdLock"))
                    .isNotNull();
            context.getBean(LockRegistry.class).lock("x").acquire();
            Health health = health(context.getBean(EtcdLockHealthIndicator.class));
            assertThat(health.getStatus()).isEqualTo(Status.UP);
            assertThat(health.getDetails())
                    .containsKeys("version", "roundTripMs")
                    .containsEntry("leader", true)
                    .containsEntry("held", 1);
            assertThat(health.getDetails().get("sessions")).asString().contains("state=ACTIVE");
        });
    }

    @Test
    void isDownSoonAndQuietlyWhenEtcdDoesNotAnswer(CapturedOutput output) {
        runner.withPropertyValues(
                        "holdfast.store=etcd", "holdfast.etcd.endpoints=http://127.0.0.1:1", "holdfast.fail-fast=false")
                .run(context -> {
                    long begin = System.nanoTime();
                    Health health = health(context.getBean(EtcdLockHealthIndicator.class));
                    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
                    assertThat(health.getDetails().get("error"))
                            .asString()
                            .contains("127.0.0.1:1", "check that it is up");
                    assertThat(output)
                            .as("asked every few seconds, so nothing for each probe")
                            .doesNotContain("EtcdLockHealthIndicator", "\tat ");
                    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
                });
    }

    @Test
    void aSessionThatIsNotRenewedIsDownAlthoughEtcdAnswers() {
        LockRegistry registry = Mockito.mock(LockRegistry.class);
        Mockito.when(registry.status())
                .thenReturn(new RegistryStatus(
                        2,
                        0,
                        List.of(
                                session("1f", RegistryStatus.State.ACTIVE, 20),
                                session("2f", RegistryStatus.State.SUSPECT, 9))));
        Mockito.when(registry.ping(Mockito.any()))
                .thenReturn(CompletableFuture.completedFuture(new StoreStatus("3.5.16", true, Duration.ofMillis(1))));
        Health health = health(new EtcdLockHealthIndicator(registry));
        assertThat(health.getStatus()).isEqualTo(Status.DOWN);
        assertThat(health.getDetails().get("error"))
                .isEqualTo("Lease 2f is not confirmed; its locks are lost in 9000 ms unless it is renewed");
    }

    @Test
    void aMemberWithoutALeaderIsDown() {
        LockRegistry registry = Mockito.mock(LockRegistry.class);
        Mockito.when(registry.status()).thenReturn(new RegistryStatus(0, 0, List.of()));
        Mockito.when(registry.ping(Mockito.any()))
                .thenReturn(CompletableFuture.completedFuture(new StoreStatus("3.5.16", false, Duration.ofMillis(1))));
        Health health = health(new EtcdLockHealthIndicator(registry));
        assertThat(health.getStatus()).isEqualTo(Status.DOWN);
        assertThat(health.getDetails()).containsEntry("leader", false).containsKey("error");
    }

    private static RegistryStatus.Session session(String lease, RegistryStatus.State state, int remaining) {
        return new RegistryStatus.Session(lease, Duration.ofSeconds(30), state, Duration.ofSeconds(remaining));
    }

    @Test
    void canBeSwitchedOff() {
        runner.withPropertyValues("management.health.etcdLock.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(EtcdLockHealthIndicator.class));
        runner.withPropertyValues("management.health.defaults.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(EtcdLockHealthIndicator.class));
    }

    @Test
    void isAbsentWithoutBootsHealth() {
        runner.withClassLoader(new FilteredClassLoader(HealthIndicator.class))
                .run(context -> assertThat(context).doesNotHaveBean("etcdLockHealthIndicator"));
    }

    @Test
    void isAbsentWithoutLocks() {
        runner.withPropertyValues("holdfast.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(EtcdLockHealthIndicator.class));
    }

    private static Health health(EtcdLockHealthIndicator indicator) {
        return Objects.requireNonNull(indicator.health(true));
    }
}
