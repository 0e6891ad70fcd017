package dev.holdfast.lock.benchmarks.run;

import static dev.holdfast.lock.benchmarks.subject.SubjectKind.HOLDFAST;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.JETCD_SHARED;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.RAW_PUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.lock.benchmarks.run.Setting.Pace;
import dev.holdfast.lock.benchmarks.worker.Assignment.Task;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlanTests {

    private static final Set<Scenario> ALL = EnumSet.allOf(Scenario.class);
    private static final Pace PACE = Pace.millis(1, 1);
    private static final Setting ONE_THREAD = Setting.cycles(Scenario.UNCONTENDED, 1, 1, PACE);
    private static final Setting MANY_NAMES =
            Setting.cycles(Scenario.NAMES, 1, 2, PACE).withNames(9);

    @Test
    void everyOtherRoundRunsInTheOppositeOrder() {
        Plan plan = plan(ALL, true, Block.of(ONE_THREAD, 3, RAW_PUT, HOLDFAST, JETCD_SHARED));
        assertThat(plan.measurements())
                .extracting(Measurement::subject)
                .containsExactly(
                        RAW_PUT,
                        HOLDFAST,
                        JETCD_SHARED,
                        JETCD_SHARED,
                        HOLDFAST,
                        RAW_PUT,
                        RAW_PUT,
                        HOLDFAST,
                        JETCD_SHARED);
    }

    @Test
    void oneJvmMeasuresAllSettingsOfItsSubject() {
        Plan plan = plan(ALL, true, Block.of(ONE_THREAD, 1, RAW_PUT, HOLDFAST), Block.of(MANY_NAMES, 1, HOLDFAST));
        assertThat(plan.lives())
                .extracting(life -> life.first().subject(), Life::settings)
                .containsExactly(tuple(RAW_PUT, List.of(ONE_THREAD)), tuple(HOLDFAST, List.of(ONE_THREAD, MANY_NAMES)));
    }

    @Test
    void whatNeedsOtherJvmsHasThem() {
        Setting twoJvms = Setting.cycles(Scenario.ACROSS_JVMS, 2, 8, PACE).withNames(1);
        Setting held = Setting.amount(Scenario.HELD, Task.HOLD, 0, 1, PACE);
        Setting moreHeld = Setting.amount(Scenario.HELD, Task.HOLD, 0, 2, PACE);
        List<Setting> each = List.of(
                ONE_THREAD,
                ONE_THREAD.withVirtualThreads(),
                ONE_THREAD.withNodes(3),
                ONE_THREAD.withSessionPerThread(),
                twoJvms,
                held,
                moreHeld);
        Plan plan = plan(
                ALL, true, each.stream().map(one -> Block.of(one, 1, HOLDFAST)).toArray(Block[]::new));
        assertThat(plan.lives())
                .extracting(Life::settings)
                .containsExactlyElementsOf(each.stream().map(List::of).toList());
    }

    @Test
    void repeatsAreAWholeRoundApart() {
        Plan plan = plan(ALL, true, Block.of(ONE_THREAD, 2, HOLDFAST), Block.of(MANY_NAMES, 1, HOLDFAST));
        assertThat(plan.measurements())
                .extracting(each -> each.setting().scenario(), Measurement::round)
                .containsExactly(
                        tuple(Scenario.UNCONTENDED, 1), tuple(Scenario.NAMES, 1), tuple(Scenario.UNCONTENDED, 2));
    }

    @Test
    void whatIsNotAskedForIsNotMeasured() {
        Plan plan = plan(
                Set.of(Scenario.NAMES),
                false,
                Block.of(ONE_THREAD, 1, HOLDFAST),
                Block.of(MANY_NAMES, 1, HOLDFAST),
                Block.of(MANY_NAMES.withVirtualThreads(), 1, HOLDFAST));
        assertThat(plan.measurements()).extracting(Measurement::setting).containsExactly(MANY_NAMES);
    }

    @Test
    void theFullRunAndTheQuickOneKeepToTheirTime() {
        assertThat(Plan.of(Plans.FULL_WARM_UP, Plans.full(), ALL, true).expected())
                .isLessThan(Duration.ofMinutes(38));
        assertThat(Plan.of(Plans.QUICK_WARM_UP, Plans.quick(), ALL, true).expected())
                .isLessThan(Duration.ofSeconds(210));
    }

    private static Plan plan(Set<Scenario> only, boolean virtualThreads, Block... blocks) {
        return Plan.of(Plans.QUICK_WARM_UP, List.of(blocks), only, virtualThreads);
    }
}
