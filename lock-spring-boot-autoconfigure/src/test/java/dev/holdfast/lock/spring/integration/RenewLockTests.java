package dev.holdfast.lock.spring.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.spring.FakeLockRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RenewLockTests {

    private final FakeLockRegistry fake = new FakeLockRegistry();

    @Test
    void renewingCountsACapOfTheHoldAnew() {
        LockOptions options =
                LockOptions.defaults().withMaxHold(Duration.ofMinutes(5)).withHoldAtLeast(Duration.ofSeconds(2));
        HoldfastLockRegistry registry = new HoldfastLockRegistry(fake, "", options);
        registry.obtain("seat").tryLock();
        registry.renewLock("seat");
        assertThat(fake.log).contains("extend seat PT5M PT2S");

        fake.lose("seat");
        assertThatIllegalStateException()
                .isThrownBy(() -> registry.renewLock("seat"))
                .withMessageContaining("the test said so");
    }

    @Test
    void aHoldWithoutACapHasNothingToCount() {
        HoldfastLockRegistry registry = new HoldfastLockRegistry(fake);
        registry.obtain("seat").tryLock();
        registry.renewLock("seat");
        assertThat(fake.log).containsExactly("acquire seat");
    }
}
