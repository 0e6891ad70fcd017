package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.metrics.LockMeters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class HoldfastMetricsAutoConfigurationTests {

    private final ApplicationContextRunner bare = new ApplicationContextRunner()
            .withPropertyValues("holdfast.store=memory", "holdfast.shutdown-timeout=0s")
            .withConfiguration(
                    AutoConfigurations.of(HoldfastAutoConfiguration.class, HoldfastMetricsAutoConfiguration.class));

    private final ApplicationContextRunner runner = bare.withUserConfiguration(Jobs.class)
            .withConfiguration(AutoConfigurations.of(
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class,
                    SimpleMetricsExportAutoConfiguration.class));

    @Test
    void waitsAndHoldsAreTimedByName() {
        runner.run(context -> {
            MeterRegistry meters = context.getBean(MeterRegistry.class);
            context.getBean(Jobs.class).run(1);
            context.getBean(Jobs.class).run(2);
            assertThat(meters.get("holdfast.lock.wait")
                            .tag("lock", "jobs")
                            .tag("outcome", "acquired")
                            .timer()
                            .count())
                    .isEqualTo(2);
            assertThat(meters.get("holdfast.lock.hold")
                            .tag("lock", "jobs")
                            .tag("outcome", "released")
                            .timer()
                            .count())
                    .isEqualTo(2);
        });
    }

    @Test
    void busyAndLostAreCounted() {
        runner.run(context -> {
            MeterRegistry meters = context.getBean(MeterRegistry.class);
            LockRegistry registry = context.getBean(LockRegistry.class);
            registry.lock("user-4711").acquire();
            assertThat(registry.lock("user-4711").tryAcquire()).isEmpty();
            assertThat(meters.get("holdfast.lock.wait")
                            .tag("lock", "other")
                            .tag("outcome", "busy")
                            .timer()
                            .count())
                    .isEqualTo(1);
            registry.close();
            await().untilAsserted(() -> assertThat(meters.get("holdfast.lock.lost")
                            .tag("lock", "other")
                            .tag("reason", "closed")
                            .counter()
                            .count())
                    .isEqualTo(1));
            assertThat(meters.get("holdfast.lock.hold")
                            .tag("outcome", "lost")
                            .timer()
                            .count())
                    .isEqualTo(1);
        });
    }

    @Test
    void gaugesFollowTheRegistry() {
        runner.run(context -> {
            MeterRegistry meters = context.getBean(MeterRegistry.class);
            assertThat(meters.get("holdfast.session.remaining").gauge().value()).isNaN();
            LockHandle handle = context.getBean(LockRegistry.class).lock("x").acquire();
            assertThat(meters.get("holdfast.locks.held").gauge().value()).isEqualTo(1);
            assertThat(meters.get("holdfast.locks.waiting").gauge().value()).isZero();
            assertThat(meters.get("holdfast.session.remaining").gauge().value()).isBetween(10.0, 30.0);
            handle.release();
            assertThat(meters.get("holdfast.locks.held").gauge().value()).isZero();
        });
    }

    @Test
    void renewalsAreTimedByOutcome() {
        MeterRegistry meters = new SimpleMeterRegistry();
        LockMeters listener = new LockMeters(() -> meters);
        RegistryStatus.Session session = new RegistryStatus.Session(
                "1f", Duration.ofSeconds(30), RegistryStatus.State.ACTIVE, Duration.ofSeconds(20));
        listener.renewal(session, true, Duration.ofMillis(3));
        listener.renewal(session, false, Duration.ofMillis(900));
        assertThat(meters.get("holdfast.session.renewal")
                        .tag("outcome", "success")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(meters.get("holdfast.session.renewal")
                        .tag("outcome", "failure")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void withoutAMeterRegistryThereAreNoMeters() {
        bare.run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(LockMeters.class));
    }

    @Test
    void withoutMicrometerThereAreNoMeters() {
        bare.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("holdfastLockMeters"));
    }

    public static class Jobs {

        @DistributedLock(name = "jobs", key = "#id")
        public void run(int id) {}
    }
}
