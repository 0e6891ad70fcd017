package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.spring.LockSessionLostEvent;
import dev.holdfast.lock.spring.LockSessionRestoredEvent;
import dev.holdfast.lock.spring.LockSessionSuspectEvent;
import dev.holdfast.lock.spring.health.EtcdLockHealthIndicator;
import dev.holdfast.lock.test.EtcdServer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** What health and events say while a real etcd is stopped and goes on. */
@Timeout(120)
class SessionOutageTests {

    private static final Duration TTL = Duration.ofSeconds(10);

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withPropertyValues("holdfast.ttl=" + TTL.toSeconds() + "s", "holdfast.shutdown-timeout=0s")
            .withUserConfiguration(Hearing.class)
            .withConfiguration(
                    AutoConfigurations.of(HoldfastAutoConfiguration.class, HoldfastHealthAutoConfiguration.class));

    @Test
    void aSessionThatIsConfirmedInTimeIsSuspectAndThenRestored() {
        try (EtcdServer etcd = EtcdServer.start()) {
            runner.withPropertyValues("holdfast.etcd.endpoints=" + etcd.endpoint())
                    .run(context -> {
                        LockHandle handle =
                                context.getBean(LockRegistry.class).lock("seat").acquire();
                        Hearing hearing = context.getBean(Hearing.class);
                        assertThat(health(context.getBean(EtcdLockHealthIndicator.class))
                                        .getStatus())
                                .isEqualTo(Status.UP);
                        etcd.freeze();
                        await().atMost(TTL).until(() -> hearing.events.size() == 1);
                        etcd.thaw();
                        await().atMost(TTL).until(() -> hearing.events.size() == 2);
                        assertThat(hearing.events).containsExactly("suspect", "restored");
                        assertThat(hearing.leases).as("of one lease").hasSize(2).containsOnly(hearing.leases.get(0));
                        assertThat(handle.isHeld()).isTrue();
                        await().untilAsserted(() -> assertThat(health(context.getBean(EtcdLockHealthIndicator.class)))
                                .satisfies(up -> assertThat(up.getStatus()).isEqualTo(Status.UP))
                                .satisfies(up -> assertThat(up.getDetails().get("sessions"))
                                        .asString()
                                        .contains("state=ACTIVE")));
                        handle.release();
                    });
        }
    }

    @Test
    void anOutageLongerThanTheTtlIsDownFromSuspicionToTheEnd() {
        try (EtcdServer etcd = EtcdServer.start()) {
            runner.withPropertyValues("holdfast.etcd.endpoints=" + etcd.endpoint())
                    .run(context -> {
                        LockRegistry registry = context.getBean(LockRegistry.class);
                        EtcdLockHealthIndicator indicator = context.getBean(EtcdLockHealthIndicator.class);
                        Hearing hearing = context.getBean(Hearing.class);
                        registry.lock("seat").acquire();
                        etcd.freeze();
                        await().atMost(TTL).until(() -> hearing.events.contains("suspect"));
                        Health suspect = health(indicator);
                        assertThat(suspect.getStatus()).isEqualTo(Status.DOWN);
                        assertThat(suspect.getDetails().get("sessions"))
                                .asString()
                                .contains("state=SUSPECT");
                        assertThat(suspect.getDetails().get("held")).isEqualTo(1);
                        await().atMost(TTL.multipliedBy(2)).until(() -> hearing.events.contains("lost"));
                        Health lost = health(indicator);
                        assertThat(lost.getStatus()).isEqualTo(Status.DOWN);
                        assertThat(lost.getDetails()).containsEntry("held", 0);
                        assertThat(lost.getDetails().get("sessions")).isEqualTo(List.of());
                        etcd.thaw();
                        await().atMost(TTL)
                                .untilAsserted(
                                        () -> assertThat(health(indicator).getStatus())
                                                .isEqualTo(Status.UP));
                        registry.lock("seat").tryAcquire(TTL.multipliedBy(3)).orElseThrow();
                        await().until(() -> hearing.events.size() == 3);
                        assertThat(hearing.events).containsExactly("suspect", "lost", "restored");
                        assertThat(hearing.leases.get(2)).as("another lease").isNotEqualTo(hearing.leases.get(0));
                    });
        }
    }

    private static Health health(EtcdLockHealthIndicator indicator) {
        return Objects.requireNonNull(indicator.health(true));
    }

    @Configuration(proxyBeanMethods = false)
    static class Hearing {

        final List<String> events = new CopyOnWriteArrayList<>();
        final List<String> leases = new CopyOnWriteArrayList<>();

        @EventListener
        void on(LockSessionSuspectEvent event) {
            hear("suspect", event.session());
        }

        @EventListener
        void on(LockSessionLostEvent event) {
            hear("lost", event.session());
        }

        @EventListener
        void on(LockSessionRestoredEvent event) {
            hear("restored", event.session());
        }

        private void hear(String event, RegistryStatus.Session session) {
            assertThat(Thread.currentThread().getName()).startsWith("holdfast-callback-");
            leases.add(session.lease());
            events.add(event);
        }
    }
}
