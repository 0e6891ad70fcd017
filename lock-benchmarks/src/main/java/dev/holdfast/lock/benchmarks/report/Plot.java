package dev.holdfast.lock.benchmarks.report;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Predicate;

/**
 * How a metric grows with a size, a line for each subject.
 *
 * @param part the measurements it shows
 * @param size of {@link Setting}, along the x axis
 * @param scale what the y axis shows of the metric
 */
record Plot(
        String file,
        String title,
        String xTitle,
        String yTitle,
        Predicate<Measurement> part,
        String size,
        String metric,
        DoubleUnaryOperator scale) {

    /** The points of each subject; empty when there are fewer than two sizes, which show no growth. */
    Optional<Map<String, TreeMap<Integer, Double>>> lines(Results results) {
        Results shown = results.where(part);
        Map<String, TreeMap<Integer, Double>> lines = new TreeMap<>(Subject.ORDER);
        for (String subject : shown.subjects()) {
            TreeMap<Integer, Double> line = new TreeMap<>();
            for (int x : shown.sizes(size)) {
                shown.of(subject)
                        .where(one -> one.setting().size(size) == x)
                        .median(metric)
                        .ifPresent(y -> line.put(x, y == 0 ? 0 : scale.applyAsDouble(y)));
            }
            // A logarithmic axis has no zero.
            line.values().removeIf(y -> y <= 0);
            line.keySet().removeIf(x -> x <= 0);
            if (!line.isEmpty()) {
                lines.put(subject, line);
            }
        }
        return lines.values().stream().anyMatch(line -> line.size() > 1) ? Optional.of(lines) : Optional.empty();
    }
}
