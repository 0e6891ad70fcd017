package dev.holdfast.lock.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.holdfast.lock.benchmarks.run.Setting.Pace;
import dev.holdfast.lock.benchmarks.worker.Latencies;
import dev.holdfast.lock.benchmarks.worker.Outcome;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MetricsTests {

    private static final Setting TWO_JVMS =
            Setting.cycles(Scenario.ACROSS_JVMS, 2, 2, Pace.millis(100, 2_000)).withNames(1);

    @Test
    void workersAreAddedUp() {
        Metrics metrics = Metrics.of(
                TWO_JVMS, List.of(outcome(List.of(30L, 30L), 1, 0.1, 0.4), outcome(List.of(10L, 10L), 2, 0.3, 0)));
        assertThat(metrics.values())
                .containsEntry("cyclesPerSecond", 40.0)
                .containsEntry("jainJvms", 0.8)
                .containsEntry("violations", 3.0);
        assertThat(metrics.values().get("clientCpuMicros")).isCloseTo(5_000, within(0.1));
        assertThat(metrics.values().get("serverCpuMicros")).isCloseTo(5_000, within(0.1));
        assertThat(metrics.violations()).isEqualTo(3);
    }

    @Test
    void percentilesAreOfAllWorkersTogether() {
        Latencies low = micros(LongStream.rangeClosed(1, 50));
        Latencies high = micros(LongStream.rangeClosed(51, 100));
        Metrics metrics = Metrics.of(TWO_JVMS, List.of(waits(low), waits(high)));
        assertThat(metrics.values().get("p50Micros")).isCloseTo(50, within(1.0));
        assertThat(metrics.values().get("p99Micros")).isCloseTo(99, within(1.0));
    }

    @Test
    void aWindowWithoutACycleIsAFailure() {
        assertThatThrownBy(() -> Metrics.of(TWO_JVMS, List.of(outcome(List.of(0L, 0L), 0, 1, 1))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not one cycle");
    }

    private static Latencies micros(LongStream values) {
        Latencies latencies = new Latencies();
        values.forEach(value -> latencies.record(value * 1_000));
        return latencies;
    }

    private static Outcome outcome(List<Long> cycles, long violations, double clientCpu, double serverCpu) {
        String none = new Latencies().encoded();
        return new Outcome(cycles, none, none, none, 0, clientCpu, serverCpu, violations, Map.of());
    }

    private static Outcome waits(Latencies waits) {
        String none = new Latencies().encoded();
        return new Outcome(List.of(waits.count()), none, waits.encoded(), none, 0, 0, 0, 0, Map.of());
    }
}
