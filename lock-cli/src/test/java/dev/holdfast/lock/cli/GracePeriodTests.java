package dev.holdfast.lock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GracePeriodTests {

    @ParameterizedTest
    @CsvSource({
        "5, 2500, 2500",
        "10, 5000, 4500",
        "30, 15000, 12500",
        "30, 5000, 2500",
        "30, 0, 0",
        "10, 0, 0",
        "300, 5000, 0"
    })
    void theCommandIsToldSoEarlyThatTheGracePeriodEndsBeforeTheLease(long ttl, long grace, long earlierMillis) {
        GracePeriod period = new GracePeriod(Duration.ofSeconds(ttl), Duration.ofMillis(grace));
        Duration remaining = Duration.ofSeconds(ttl);
        assertThat(period.untilStop(remaining)).isEqualTo(remaining.minusMillis(earlierMillis));
    }

    @Test
    void halfOfTheTtlFitsAndMoreDoesNot() {
        Duration ttl = Duration.ofSeconds(10);
        assertThatCode(() -> new GracePeriod(ttl, Duration.ofSeconds(5)).check())
                .doesNotThrowAnyException();
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> new GracePeriod(ttl, Duration.ofMillis(5001)).check())
                .withMessageContaining("--grace")
                .withMessageContaining("5s");
    }
}
