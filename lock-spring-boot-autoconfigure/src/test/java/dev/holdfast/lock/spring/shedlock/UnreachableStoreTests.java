package dev.holdfast.lock.spring.shedlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import net.javacrumbs.shedlock.core.ClockProvider;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockConfiguration;
import org.junit.jupiter.api.Test;

class UnreachableStoreTests {

    @Test
    void withoutEtcdTheTaskDoesNotRunAndSomebodyHearsOfIt() {
        // Nothing listens there.
        try (LockRegistry registry = EtcdLockRegistry.builder()
                .endpoints("http://127.0.0.1:1")
                .requestTimeout(Duration.ofMillis(200))
                .failFast(false)
                .build()) {
            AtomicBoolean ran = new AtomicBoolean();
            LockConfiguration configuration =
                    new LockConfiguration(ClockProvider.now(), "task", Duration.ofMinutes(5), Duration.ZERO);

            assertThatExceptionOfType(LockUnavailableException.class)
                    .isThrownBy(() -> new DefaultLockingTaskExecutor(new HoldfastLockProvider(registry))
                            .executeWithLock((Runnable) () -> ran.set(true), configuration));

            assertThat(ran).isFalse();
        }
    }
}
