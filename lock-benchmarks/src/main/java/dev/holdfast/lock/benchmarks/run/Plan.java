package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.server.ServerKind;
import dev.holdfast.lock.benchmarks.server.Servers;
import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * All of a run in its order: crew by crew, and for each whole rounds one after the other, so that the repeats of a measurement are far
 * apart but their JVMs need not be warmed up again.
 *
 * @param leftOut subjects that cannot be measured here, and why
 */
record Plan(WarmUp warmUp, List<Life> lives, Map<String, String> leftOut) {

    private static final Duration SERVER = Duration.ofSeconds(2);

    /**
     * @param virtualThreads whether there is a JDK that has them
     */
    static Plan of(WarmUp warmUp, List<Block> blocks, Set<Scenario> only, boolean virtualThreads) {
        Map<String, String> leftOut = new TreeMap<>();
        for (SubjectKind subject : SubjectKind.values()) {
            String missing = Servers.missing(subject.server());
            if (!missing.isEmpty()) {
                leftOut.put(subject.label(), missing);
            }
        }
        Predicate<Measurement> wanted = each -> only.contains(each.setting().scenario())
                && !leftOut.containsKey(each.subject().label())
                && (virtualThreads || !each.setting().virtual());
        int rounds = blocks.stream().mapToInt(Block::rounds).max().orElse(0);
        Map<Crew, List<Life>> crews = IntStream.rangeClosed(1, rounds)
                .boxed()
                .flatMap(round ->
                        Life.of(
                                blocks.stream()
                                        .flatMap(block -> block.round(round))
                                        .filter(wanted)
                                        .toList(),
                                round)
                                .stream())
                .collect(Collectors.groupingBy(Life::crew, LinkedHashMap::new, Collectors.toList()));
        List<Life> lives = crews.values().stream().flatMap(List::stream).toList();
        return new Plan(warmUp, lives, leftOut);
    }

    List<Measurement> measurements() {
        return lives.stream().flatMap(life -> life.measurements().stream()).toList();
    }

    /** How long it takes on a quiet machine, without building. */
    Duration expected() {
        Set<ServerKind> servers =
                measurements().stream().map(Measurement::server).collect(Collectors.toSet());
        return lives.stream()
                .map(life -> life.expected(warmUp))
                .reduce(SERVER.multipliedBy(servers.size()), Duration::plus);
    }

    /**
     * @param subjects all if empty
     */
    Plan only(int rounds, Set<SubjectKind> subjects) {
        List<Life> kept = lives.stream()
                .filter(life -> life.first().round() <= rounds)
                .filter(life ->
                        subjects.isEmpty() || subjects.contains(life.first().subject()))
                .toList();
        return new Plan(warmUp, kept, leftOut);
    }
}
