package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.shedlock.HoldfastLockProvider;
import java.time.Duration;
import java.util.Optional;
import net.javacrumbs.shedlock.core.ClockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class HoldfastShedLockAutoConfigurationTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withPropertyValues("holdfast.store=memory")
            .withConfiguration(
                    AutoConfigurations.of(HoldfastShedLockAutoConfiguration.class, HoldfastAutoConfiguration.class));

    @Test
    void shedLockKeepsItsLocksInTheRegistryWithItsTtl() {
        runner.withPropertyValues("holdfast.ttl=45s").run(context -> {
            assertThat(context).hasSingleBean(LockProvider.class);
            var lock = context.getBean(LockProvider.class)
                    .lock(new LockConfiguration(ClockProvider.now(), "task", Duration.ofMinutes(5), Duration.ZERO))
                    .orElseThrow();
            LockRegistry registry = context.getBean(LockRegistry.class);
            assertThat(registry.lock("task").tryAcquire()).isEmpty();
            assertThat(registry.status().sessions())
                    .singleElement()
                    .satisfies(session -> assertThat(session.ttl()).hasSeconds(45));
            lock.unlock();
            assertThat(registry.status().held()).isZero();
        });
    }

    @Test
    void backsOffForAProviderOfTheUser() {
        runner.withBean("mine", LockProvider.class, () -> configuration -> Optional.empty())
                .run(context -> assertThat(context)
                        .hasSingleBean(LockProvider.class)
                        .doesNotHaveBean(HoldfastLockProvider.class));
    }

    @Test
    void isAbsentWithoutShedLock() {
        runner.withClassLoader(new FilteredClassLoader("net.javacrumbs.shedlock"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(LockRegistry.class)
                        .doesNotHaveBean("holdfastLockProvider"));
    }

    @Test
    void canBeSwitchedOff() {
        runner.withPropertyValues("holdfast.shedlock.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(LockProvider.class));
    }

    @Test
    void isAbsentWithoutLocks() {
        runner.withPropertyValues("holdfast.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(LockProvider.class));
    }
}
