package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the JVMs of one subject measure one after the other in a round. Never empty, and all of one {@link Crew}. */
record Life(List<Measurement> measurements) {

    /** From starting a JVM to its first work, and from its last to its end; measured on a quiet machine of 2 cores. */
    private static final Duration JVM = Duration.ofMillis(1_900);

    private static final Duration FURTHER_JVM = Duration.ofMillis(900);

    Life {
        measurements = List.copyOf(measurements);
    }

    /**
     * Those of one round. The subjects of a crew run one after the other, in the opposite order every other round: what heats up or fills
     * up as time goes by does not favour one of them.
     *
     * @param round from 1
     */
    static List<Life> of(List<Measurement> measurements, int round) {
        Map<Crew, Map<SubjectKind, List<Measurement>>> crews = measurements.stream()
                .collect(Collectors.groupingBy(
                        each -> Crew.of(each.setting()),
                        LinkedHashMap::new,
                        Collectors.groupingBy(Measurement::subject, LinkedHashMap::new, Collectors.toList())));
        return crews.values().stream()
                .flatMap(subjects -> inOrder(subjects.values(), round))
                .map(Life::new)
                .toList();
    }

    private static Stream<List<Measurement>> inOrder(Collection<List<Measurement>> subjects, int round) {
        List<List<Measurement>> order = new ArrayList<>(subjects);
        if (round % 2 == 0) {
            Collections.reverse(order);
        }
        return order.stream();
    }

    Crew crew() {
        return Crew.of(first().setting());
    }

    /** Whether it begins with JVMs that are new, if all goes well. */
    private boolean fresh() {
        return first().round() == 1 || !crew().stays();
    }

    Measurement first() {
        return measurements.get(0);
    }

    List<Setting> settings() {
        return measurements.stream().map(Measurement::setting).toList();
    }

    /** How long it takes by the plan. */
    Duration expected(WarmUp warmUp) {
        Duration work = measurements.stream().map(Measurement::expected).reduce(Duration.ZERO, Duration::plus);
        if (!fresh()) {
            return work;
        }
        int jvms = first().setting().jvms();
        long warmUps = settings().stream()
                .filter(WarmUp::needed)
                .map(Setting::use)
                .distinct()
                .count();
        return work.plus(JVM)
                .plus(FURTHER_JVM.multipliedBy(jvms - 1L))
                .plus(warmUp.expected().multipliedBy(warmUps));
    }
}
