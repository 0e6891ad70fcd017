package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Needs a Docker engine; {@code ./dev test} runs it where one answers. */
@Tag("docker")
class EtcdContainerTests {

    @Test
    void locksAreHeldOnAnEtcdInAContainer() throws InterruptedException {
        try (LockRegistry registry = EtcdLockRegistry.builder()
                        .endpoints(EtcdContainer.start())
                        .build();
                LockHandle handle = registry.lock("in-a-container").acquire()) {
            assertThat(handle.isHeld()).isTrue();
            assertThat(handle.fencingToken()).isPositive();
        }
    }
}
