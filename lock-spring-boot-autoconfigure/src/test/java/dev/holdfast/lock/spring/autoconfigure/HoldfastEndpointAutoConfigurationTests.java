package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.endpoint.LocksEndpoint;
import dev.holdfast.lock.spring.endpoint.LocksEndpointWebExtension;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

class HoldfastEndpointAutoConfigurationTests {

    private static final AutoConfigurations CONFIGURATIONS =
            AutoConfigurations.of(HoldfastAutoConfiguration.class, HoldfastEndpointAutoConfiguration.class);

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withPropertyValues(
                    "holdfast.store=memory",
                    "holdfast.shutdown-timeout=0s",
                    "management.endpoints.web.exposure.include=locks")
            .withConfiguration(CONFIGURATIONS);

    @Test
    void isThereWhenExposed() {
        runner.run(context ->
                assertThat(context).hasSingleBean(LocksEndpoint.class).hasSingleBean(LocksEndpointWebExtension.class));
    }

    @Test
    void isAbsentUnlessExposed() {
        runner.withPropertyValues("management.endpoints.web.exposure.include=health")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(LocksEndpoint.class)
                        .doesNotHaveBean(LocksEndpointWebExtension.class));
    }

    @Test
    void isAbsentWithoutAccess() {
        runner.withPropertyValues("management.endpoint.locks.access=NONE")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(LocksEndpoint.class));
    }

    @Test
    void isAbsentWithoutALockRegistry() {
        runner.withPropertyValues("holdfast.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(LocksEndpoint.class));
    }

    @Test
    void givesWayToTheUsers() {
        runner.withBean("mine", LocksEndpoint.class, () -> new LocksEndpoint(registryOfNobody()))
                .run(context ->
                        assertThat(context).hasSingleBean(LocksEndpoint.class).hasBean("mine"));
    }

    @Test
    void isAbsentWithoutActuator() {
        new ApplicationContextRunner()
                .withPropertyValues("holdfast.store=memory", "holdfast.shutdown-timeout=0s")
                .withConfiguration(CONFIGURATIONS)
                .withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(LockRegistry.class)
                        .doesNotHaveBean("locksEndpoint"));
    }

    private static LockRegistry registryOfNobody() {
        return new dev.holdfast.lock.spring.FakeLockRegistry();
    }
}
