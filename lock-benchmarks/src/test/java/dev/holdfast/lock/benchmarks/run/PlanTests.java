package dev.holdfast.lock.benchmarks.run;

import static dev.holdfast.lock.benchmarks.subject.SubjectKind.HOLDFAST;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.JETCD_SHARED;
import static dev.holdfast.lock.benchmarks.subject.SubjectKind.RAW_PUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.holdfast.lock.benchmarks.run.Setting.Pace;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlanTests {

    private static final Set<Scenario> ALL = EnumSet.allOf(Scenario.class);
    private static final Setting ONE_THREAD = Setting.cycles(Scenario.UNCONTENDED, 1, 1, Pace.millis(1, 1));
    private static final Setting TWO_THREADS = Setting.cycles(Scenario.NAMES, 1, 2, Pace.millis(1, 1));

    @Test
    void everyOtherRoundRunsInTheOppositeOrder() {
        Plan plan = Plan.of(List.of(Block.of(ONE_THREAD, 3, RAW_PUT, HOLDFAST, JETCD_SHARED)), ALL, true);
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
    void repeatsAreAWholeRoundApart() {
        Plan plan = Plan.of(List.of(Block.of(ONE_THREAD, 2, HOLDFAST), Block.of(TWO_THREADS, 1, HOLDFAST)), ALL, true);
        assertThat(plan.measurements())
                .extracting(each -> each.setting().scenario(), Measurement::round)
                .containsExactly(
                        tuple(Scenario.UNCONTENDED, 1), tuple(Scenario.NAMES, 1), tuple(Scenario.UNCONTENDED, 2));
    }

    @Test
    void whatIsNotAskedForIsNotMeasured() {
        List<Block> blocks = List.of(
                Block.of(ONE_THREAD, 1, HOLDFAST),
                Block.of(TWO_THREADS, 1, HOLDFAST),
                Block.of(TWO_THREADS.withVirtualThreads(), 1, HOLDFAST));
        assertThat(Plan.of(blocks, Set.of(Scenario.NAMES), false).measurements())
                .extracting(Measurement::setting)
                .containsExactly(TWO_THREADS);
    }

    @Test
    void theFullRunAndTheQuickOneKeepToTheirTime() {
        assertThat(Plan.of(Plans.full(), ALL, true).expected()).isLessThan(Duration.ofMinutes(38));
        assertThat(Plan.of(Plans.quick(), ALL, true).expected()).isLessThan(Duration.ofSeconds(210));
    }
}
