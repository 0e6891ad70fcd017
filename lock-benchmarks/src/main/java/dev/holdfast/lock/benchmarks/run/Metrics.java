package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.worker.Latencies;
import dev.holdfast.lock.benchmarks.worker.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The numbers of one measurement from what its workers have said, by the names they have in the results. */
record Metrics(Map<String, Double> values) {

    private static final Set<String> SHOWN = Set.of(
            "cyclesPerSecond",
            "p50Micros",
            "handOverP50Micros",
            "jainThreads",
            "loneShare",
            "stolenPercent",
            "heapBytesPerHold",
            "heapBytesPerWait",
            "renewalsPerSecond",
            "clientCpuPercent",
            "watchStreams",
            "extraThreads");
    private static final double MICROS_PER_SECOND = 1_000_000;
    private static final double NANOS_PER_MILLI = 1_000_000;

    static Metrics of(Setting setting, List<Outcome> outcomes) {
        Map<String, Double> values = new LinkedHashMap<>();
        if (outcomes.stream().anyMatch(each -> !each.cyclesByThread().isEmpty())) {
            putCycles(values, setting, outcomes);
        }
        outcomes.forEach(each -> values.putAll(each.sizes()));
        values.put("violations", (double)
                outcomes.stream().mapToLong(Outcome::violations).sum());
        values.values().removeIf(value -> value.isNaN() || value.isInfinite());
        return new Metrics(values);
    }

    Metrics with(String name, double value) {
        Map<String, Double> all = new LinkedHashMap<>(values);
        all.put(name, value);
        return new Metrics(all);
    }

    long violations() {
        return values.getOrDefault("violations", 0.0).longValue();
    }

    /** The most important ones, for people who look on. */
    String text() {
        return values.entrySet().stream()
                .filter(each -> SHOWN.contains(each.getKey()))
                .map(each -> String.format(Locale.ROOT, "%s %,.2f", each.getKey(), each.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static void putCycles(Map<String, Double> values, Setting setting, List<Outcome> outcomes) {
        List<Long> byJvm = outcomes.stream().map(Metrics::cycles).toList();
        List<Long> byThread = outcomes.stream()
                .flatMap(each -> each.cyclesByThread().stream())
                .toList();
        double cycles = byJvm.stream().mapToLong(Long::longValue).sum();
        if (cycles == 0) {
            throw new IllegalStateException("not one cycle in the whole window");
        }
        values.put("cyclesPerSecond", cycles * 1_000 / setting.window().toMillis());
        // Of one that is contended, the wait is what matters.
        put(values, "", merged(outcomes, setting.names() == 1 ? Outcome::waitTimes : Outcome::cycleTimes));
        Latencies handOvers = merged(outcomes, Outcome::handOverTimes);
        if (setting.jvms() > 1) {
            values.put("handOvers", (double) handOvers.count());
            put(values, "handOver", handOvers);
        }
        values.put("clientCpuMicros", total(outcomes, Outcome::clientCpuSeconds) * MICROS_PER_SECOND / cycles);
        values.put("serverCpuMicros", total(outcomes, Outcome::serverCpuSeconds) * MICROS_PER_SECOND / cycles);
        values.put("jainThreads", Fairness.jain(byThread));
        values.put("jainJvms", Fairness.jain(byJvm));
        if (setting.scenario() == Scenario.SHARE) {
            values.put("loneShare", byJvm.get(0) / cycles);
        }
        values.put(
                "longestWaitMillis",
                outcomes.stream().mapToLong(Outcome::longestWaitNanos).max().orElse(0) / NANOS_PER_MILLI);
    }

    /** p50Micros, p99Micros, meanMicros, or waitP50Micros and so on. */
    private static void put(Map<String, Double> values, String what, Latencies times) {
        if (times.count() > 0) {
            values.put(what.isEmpty() ? "p50Micros" : what + "P50Micros", times.percentileMicros(50));
            values.put(what.isEmpty() ? "p99Micros" : what + "P99Micros", times.percentileMicros(99));
            values.put(what.isEmpty() ? "meanMicros" : what + "MeanMicros", times.meanMicros());
        }
    }

    private static long cycles(Outcome outcome) {
        return outcome.cyclesByThread().stream().mapToLong(Long::longValue).sum();
    }

    private static Latencies merged(List<Outcome> outcomes, Function<Outcome, String> which) {
        Latencies all = new Latencies();
        outcomes.forEach(each -> all.add(Latencies.decoded(which.apply(each))));
        return all;
    }

    private static double total(List<Outcome> outcomes, Function<Outcome, Double> which) {
        return outcomes.stream().collect(Collectors.summingDouble(which::apply));
    }
}
