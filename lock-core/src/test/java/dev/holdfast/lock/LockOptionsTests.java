package dev.holdfast.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockOptionsTests {

    @Test
    void defaultsAreThoseOfTheDocumentation() {
        LockOptions defaults = LockOptions.defaults();
        assertThat(defaults.ttl()).hasSeconds(30);
        assertThat(defaults.waitTime()).hasSeconds(10);
        assertThat(defaults.renew()).isTrue();
        assertThat(defaults.metadata()).isEmpty();
    }

    @Test
    void eachChangeIsACopy() {
        LockOptions changed = LockOptions.defaults()
                .withTtl(Duration.ofSeconds(7))
                .withRenew(false)
                .withWaitTime(Duration.ZERO)
                .withMaxHold(Duration.ofHours(1))
                .withHoldAtLeast(Duration.ofSeconds(3))
                .withMetadata(Map.of("a", "b"))
                .withMetricName("m");
        assertThat(changed)
                .isEqualTo(new LockOptions(
                        Duration.ofSeconds(7),
                        false,
                        Duration.ZERO,
                        Duration.ofHours(1),
                        Duration.ofSeconds(3),
                        Map.of("a", "b"),
                        "m"));
        assertThat(LockOptions.defaults().ttl()).hasSeconds(30);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT4.999S", "PT5.5S", "PT300.1S", "PT301S", "PT-5S"})
    void aTtlOutOfRangeIsRefusedWithTheRange(String ttl) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LockOptions.defaults().withTtl(Duration.parse(ttl)))
                .withMessageContaining(Duration.parse(ttl).toString())
                .withMessageContaining("5 s to 300 s");
    }

    @Test
    void aNegativeWaitIsRefusedAndAnEndlessOneIsAYear() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LockOptions.defaults().withWaitTime(Duration.ofSeconds(-1)));
        assertThat(LockOptions.defaults()
                        .withWaitTime(Duration.ofSeconds(Long.MAX_VALUE))
                        .waitTime())
                .isEqualTo(Duration.ofDays(365));
    }

    @Test
    void aLockCannotBeKeptLongerThanItMayBeHeld() {
        LockOptions capped = LockOptions.defaults().withMaxHold(Duration.ofSeconds(3));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> capped.withHoldAtLeast(Duration.ofSeconds(4)))
                .withMessageContaining("PT4S")
                .withMessageContaining("PT3S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> capped.withMaxHold(Duration.ofMillis(-1)))
                .withMessageContaining("maxHold");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> capped.withHoldAtLeast(Duration.ofMillis(-1)))
                .withMessageContaining("holdAtLeast");
    }
}
