package dev.holdfast.lock.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** All measurements of a run, and their medians over the rounds. */
record Results(List<Measurement> measurements) {

    static Results read(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return new Results(lines.filter(line -> !line.isBlank())
                    .map(Measurement::parse)
                    .toList());
        }
    }

    /** The part that fits. */
    Results where(Predicate<Measurement> condition) {
        return new Results(measurements.stream().filter(condition).toList());
    }

    Results of(String subject) {
        return where(measurement -> measurement.subject().equals(subject));
    }

    Results at(Setting asked) {
        return where(measurement -> measurement.setting().includes(asked));
    }

    Results on(Platform platform) {
        return where(measurement -> measurement.platform().equals(platform));
    }

    boolean isEmpty() {
        return measurements.isEmpty();
    }

    List<String> subjects() {
        return distinct(Measurement::subject).stream().sorted(Subject.ORDER).toList();
    }

    List<Platform> platforms() {
        return List.copyOf(distinct(Measurement::platform));
    }

    List<Setting> settings() {
        return List.copyOf(distinct(Measurement::setting));
    }

    /** The different values of one size, ascending. */
    List<Integer> sizes(String name) {
        return List.copyOf(distinct(measurement -> measurement.setting().size(name)));
    }

    /** The names of all that was measured. */
    List<String> metrics() {
        return measurements.stream()
                .flatMap(measurement -> measurement.metrics().keySet().stream())
                .distinct()
                .sorted()
                .toList();
    }

    int rounds() {
        return distinct(Measurement::round).size();
    }

    OptionalDouble median(String metric) {
        double[] sorted = values(metric);
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
    }

    double sum(String metric) {
        return Arrays.stream(values(metric)).sum();
    }

    private double[] values(String metric) {
        return measurements.stream()
                .map(measurement -> measurement.metrics().get(metric))
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
    }

    private <T> TreeSet<T> distinct(Function<Measurement, T> part) {
        TreeSet<T> found = new TreeSet<>();
        measurements.stream().map(part).forEach(found::add);
        return found;
    }
}
