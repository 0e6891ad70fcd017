package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The example of docs/design.md, "Time": a TTL of 30 s; and the shortest. */
class SessionTimingTests {

    private final SessionTiming thirty = new SessionTiming(Duration.ofSeconds(30));
    private final SessionTiming five = new SessionTiming(Duration.ofSeconds(5));

    @Test
    void thirtySeconds() {
        assertThat(thirty.margin()).isEqualTo(Duration.ofSeconds(3));
        assertThat(thirty.localDeadline(7))
                .isEqualTo(7 + Duration.ofMillis(26_940).toNanos());
        assertThat(thirty.renewEvery()).isEqualTo(Duration.ofSeconds(5));
        assertThat(thirty.hedgeAfter()).isEqualTo(Duration.ofMillis(1_500));
        assertThat(thirty.attemptTimeout()).isEqualTo(Duration.ofMillis(7_500));
        assertThat(thirty.suspectAfter()).isEqualTo(Duration.ofMillis(12_500));
        assertThat(thirty.reconnectAfter()).isEqualTo(Duration.ofSeconds(10));
        assertThat(thirty.pollEvery()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void fiveSeconds() {
        assertThat(five.margin()).isEqualTo(Duration.ofMillis(500));
        assertThat(five.localDeadline(0)).isEqualTo(Duration.ofMillis(4_490).toNanos());
        assertThat(five.hedgeAfter()).isEqualTo(Duration.ofMillis(250));
        assertThat(five.pollEvery()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
    }

    @Test
    void deadlinesSurviveTheWrapOfTheClock() {
        long sentAt = Long.MAX_VALUE - 1;
        assertThat(five.localDeadline(sentAt) - sentAt)
                .isEqualTo(Duration.ofMillis(4_490).toNanos());
    }
}
