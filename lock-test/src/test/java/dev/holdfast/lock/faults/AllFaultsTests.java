package dev.holdfast.lock.faults;

import dev.holdfast.lock.test.EtcdVersions;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fault on every etcd, each {@code -Dfaults.runs} times (once), at other moments each time. {@code -Dfaults.only} and {@code
 * -Dfaults.etcd} are patterns for those to run. What they show goes into the table of docs/reliability.md.
 */
@Tag("faults")
class AllFaultsTests {

    @ParameterizedTest(name = "{0}, etcd {1}, run {2}")
    @MethodSource("runs")
    void thePromisesHold(Scenario scenario, Etcd etcd, int run) {
        FaultRun.mustHold(scenario, etcd, Rig.TTL, FaultReport::add);
    }

    static Stream<Arguments> runs() {
        String only = System.getProperty("faults.only", ".*");
        return versions().stream()
                .flatMap(etcd -> Scenarios.all().stream()
                        .filter(scenario -> scenario.toString().matches(only))
                        .flatMap(scenario -> IntStream.rangeClosed(1, Integer.getInteger("faults.runs", 1))
                                .mapToObj(run -> Arguments.of(scenario, etcd, run))));
    }

    /** A current one, and the oldest that is supported. */
    private static List<Etcd> versions() {
        String only = System.getProperty("faults.etcd", ".*");
        return Stream.of(EtcdVersions.current(), EtcdVersions.old())
                .map(Etcd::of)
                .filter(etcd -> etcd.toString().matches(only))
                .toList();
    }
}
