package dev.holdfast.lock.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.benchmarks.run.Setting.Pace;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmUpTests {

    private static final WarmUp WARM_UP = WarmUp.seconds(2, 4);
    private static final Pace PACE = Pace.millis(1, 1);

    @Test
    void evenStepsEndItAfterTheLeastTime() {
        assertThat(done(List.of(1_000L, 1_000L, 1_000L))).isFalse();
        assertThat(done(List.of(1_000L, 1_000L, 1_000L, 1_000L))).isTrue();
    }

    @Test
    void aRateThatStillClimbsGoesOn() {
        assertThat(done(List.of(1_000L, 2_000L, 3_000L, 4_000L, 5_000L))).isFalse();
        assertThat(done(List.of(1_000L, 2_000L, 3_000L, 4_000L, 5_000L, 5_500L)))
                .isTrue();
    }

    @Test
    void aRateThatFallsGoesOn() {
        assertThat(done(List.of(5_000L, 5_000L, 5_000L, 5_000L, 4_000L))).isFalse();
    }

    @Test
    void theLimitEndsItHoweverUnevenTheStepsAre() {
        assertThat(done(List.of(1L, 900L, 1L, 900L, 1L, 900L, 1L))).isFalse();
        assertThat(done(List.of(1L, 900L, 1L, 900L, 1L, 900L, 1L, 900L))).isTrue();
    }

    @Test
    void aDifferenceThatMayBeChanceIsNone() {
        assertThat(done(List.of(1L, 1L, 20L, 14L))).isTrue();
        assertThat(done(List.of(1L, 1L, 2_000L, 1_400L))).isFalse();
    }

    @Test
    void nothingAtAllIsNotWarm() {
        assertThat(done(List.of(0L, 0L, 0L, 0L))).isFalse();
    }

    @Test
    void theLimitIsOfTimeThatHasPassed() {
        assertThat(WARM_UP.done(List.of(1L, 900L), Duration.ofSeconds(4))).isTrue();
        assertThat(WARM_UP.done(List.of(900L, 900L), Duration.ofMillis(3_900))).isFalse();
    }

    @Test
    void aStepHasTheMostThreadsUpToSixtyFour() {
        Setting one = Setting.cycles(Scenario.UNCONTENDED, 1, 1, PACE);
        assertThat(WarmUp.step(List.of(one)).threads()).containsExactly(1);
        assertThat(WarmUp.step(List.of(one, one.withThreads(List.of(256)), one)).threads())
                .containsExactly(64);
        assertThat(WarmUp.step(List.of(one.withThreads(List.of(1, 8)), one.withThreads(List.of(8, 8))))
                        .threads())
                .containsExactly(8, 8);
    }

    /** On a machine where nothing comes between the steps. */
    private static boolean done(List<Long> cycles) {
        return WARM_UP.done(cycles, WarmUp.STEP.multipliedBy(cycles.size()));
    }
}
