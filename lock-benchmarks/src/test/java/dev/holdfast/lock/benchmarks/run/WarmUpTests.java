package dev.holdfast.lock.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.benchmarks.run.Setting.Pace;
import java.time.Duration;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WarmUpTests {

    private static final WarmUp WARM_UP = WarmUp.seconds(5, 8);
    private static final Pace PACE = Pace.millis(1, 1);

    @Test
    void evenStepsEndItAfterTheLeastTime() {
        assertThat(done(steps(9, step -> 1_000))).isFalse();
        assertThat(done(steps(10, step -> 1_000))).isTrue();
    }

    @Test
    void aRateThatStillClimbsGoesOn() {
        assertThat(done(steps(12, step -> 1_000 * (step + 1)))).isFalse();
        assertThat(done(steps(12, step -> 1_000 * Math.min(step + 1, 5)))).isTrue();
    }

    @Test
    void oneSlowStepAmongOthersDoesNotEndIt() {
        assertThat(done(steps(12, step -> step == 11 ? 500 : 1_000 * (step + 1))))
                .isFalse();
    }

    @Test
    void aRateThatFallsGetsNoFaster() {
        assertThat(done(steps(10, step -> 5_000 - 100 * step))).isTrue();
    }

    @Test
    void theLimitEndsItHoweverItClimbs() {
        assertThat(done(steps(15, step -> 1_000 * (step + 1)))).isFalse();
        assertThat(done(steps(16, step -> 1_000 * (step + 1)))).isTrue();
    }

    @Test
    void aDifferenceThatMayBeChanceIsNone() {
        assertThat(done(steps(12, step -> step == 0 ? 10_000 : step < 8 ? 10 : 12)))
                .isTrue();
        assertThat(done(steps(12, step -> step < 8 ? 1_000 : 1_200))).isFalse();
    }

    @Test
    void codeThatRanTooSeldomToBeCompiledGoesOn() {
        assertThat(done(steps(12, step -> 800))).isFalse();
        assertThat(done(steps(13, step -> 800))).isTrue();
    }

    @Test
    void nothingAtAllIsNotWarm() {
        assertThat(done(steps(12, step -> 0))).isFalse();
    }

    @Test
    void theLimitIsOfTimeThatHasPassed() {
        assertThat(WARM_UP.done(List.of(1L, 900L), Duration.ofSeconds(8))).isTrue();
        assertThat(WARM_UP.done(List.of(900L, 900L), Duration.ofMillis(7_900))).isFalse();
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

    private static List<Long> steps(int count, IntToLongFunction cycles) {
        return IntStream.range(0, count).mapToLong(cycles::applyAsLong).boxed().toList();
    }

    /** On a machine where nothing comes between the steps. */
    private static boolean done(List<Long> cycles) {
        return WARM_UP.done(cycles, WarmUp.STEP.multipliedBy(cycles.size()));
    }
}
