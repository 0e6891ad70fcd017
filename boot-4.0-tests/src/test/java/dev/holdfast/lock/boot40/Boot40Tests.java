package dev.holdfast.lock.boot40;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.LockContext;
import dev.holdfast.lock.spring.endpoint.LocksEndpoint;
import dev.holdfast.lock.spring.integration.HoldfastLockRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.support.locks.RenewableLockRegistry;

/** A whole application: everything the starter configures must work with the classes of Boot 4.0. */
@SpringBootTest(
        properties = {
            "holdfast.store=memory",
            "spring.jmx.enabled=true",
            "management.endpoints.jmx.exposure.include=locks"
        })
class Boot40Tests {

    @Test
    void runsOnBoot40() {
        assertThat(SpringBootVersion.getVersion()).startsWith("4.0.");
    }

    @Test
    void annotatedMethodsAreLocked(@Autowired Jobs jobs, @Autowired LockRegistry registry) {
        assertThat(jobs.run(7)).isEqualTo("job:7");
        assertThat(registry.status().held()).isZero();
    }

    @Test
    void healthIsShown(@Autowired HealthContributorRegistry health) {
        assertThat(health.getContributor("etcdLock"))
                .isInstanceOfSatisfying(
                        HealthIndicator.class,
                        indicator -> assertThat(indicator.health(true))
                                .satisfies(
                                        found -> assertThat(found.getStatus()).isEqualTo(Status.UP)));
    }

    @Test
    void metersAreRegistered(@Autowired MeterRegistry meters, @Autowired Jobs jobs) {
        jobs.run(8);
        assertThat(meters.get("holdfast.lock.wait")
                        .tags("lock", "job", "outcome", "acquired")
                        .timer()
                        .count())
                .isPositive();
        assertThat(meters.get("holdfast.locks.held").gauge().value()).isZero();
    }

    @Test
    void theEndpointShowsLocks(@Autowired LocksEndpoint endpoint, @Autowired LockRegistry registry) throws Exception {
        LockHandle held = registry.lock("shown").acquire();
        assertThat(endpoint.locks(null, null, null).local()).hasSize(1);
        assertThat(endpoint.queue("shown").holders()).hasSize(1);
        held.release();
    }

    @Test
    void springIntegration70Locks(@Autowired LockRegistry registry) throws Exception {
        assertThat(RenewableLockRegistry.class.getPackage().getImplementationVersion())
                .startsWith("7.0.");
        HoldfastLockRegistry locks = new HoldfastLockRegistry(registry, "integration:");
        boolean free = locks.<Boolean, RuntimeException>executeLocked("job", () -> {
            locks.renewLock("job");
            return registry.lock("integration:job").tryAcquire().isPresent();
        });
        assertThat(free).isFalse();
        assertThat(registry.status().held()).isZero();
    }

    static class Jobs {

        @DistributedLock(name = "job", key = "#id")
        String run(int id) {
            return LockContext.current().name();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        @Bean
        Jobs jobs() {
            return new Jobs();
        }
    }
}
