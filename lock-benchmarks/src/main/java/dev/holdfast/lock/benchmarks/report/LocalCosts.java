package dev.holdfast.lock.benchmarks.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What JMH measured: the result of {@code -prof gc -rf json}, by name of the benchmark without its package. */
record LocalCosts(Map<String, Cost> costs) {

    private static final String GARBAGE = "gc.alloc.rate.norm";

    /** @param garbage bytes allocated per call; NaN without the profiler */
    record Cost(double score, double error, String unit, double garbage) {}

    LocalCosts {
        costs = Collections.unmodifiableMap(new TreeMap<>(costs));
    }

    /** Without a file there are no costs, and what needs them says so. */
    static LocalCosts read(Path file) throws IOException {
        Map<String, Cost> costs = new TreeMap<>();
        if (Files.exists(file)) {
            for (JsonElement element :
                    JsonParser.parseString(Files.readString(file)).getAsJsonArray()) {
                costs.put(name(element.getAsJsonObject()), cost(element.getAsJsonObject()));
            }
        }
        return new LocalCosts(costs);
    }

    private static String name(JsonObject result) {
        String[] parts = result.get("benchmark").getAsString().split("\\.");
        String name = parts[parts.length - 2] + "." + parts[parts.length - 1];
        String parameters = result.has("params")
                ? result.getAsJsonObject("params").asMap().entrySet().stream()
                        .map(parameter -> parameter.getKey() + " = "
                                + parameter.getValue().getAsString())
                        .collect(Collectors.joining(", ", " (", ")"))
                : "";
        int threads = result.has("threads") ? result.get("threads").getAsInt() : 1;
        return name + parameters + (threads > 1 ? ", " + threads + " threads" : "");
    }

    private static Cost cost(JsonObject result) {
        JsonObject primary = result.getAsJsonObject("primaryMetric");
        return new Cost(
                primary.get("score").getAsDouble(),
                number(primary.get("scoreError")),
                primary.get("scoreUnit").getAsString(),
                Optional.ofNullable(result.getAsJsonObject("secondaryMetrics"))
                        .flatMap(metrics -> metrics.asMap().entrySet().stream()
                                .filter(metric -> metric.getKey().endsWith(GARBAGE))
                                .findFirst())
                        .map(metric ->
                                number(metric.getValue().getAsJsonObject().get("score")))
                        .orElse(Double.NaN));
    }

    /** JMH writes "NaN" as text. */
    private static double number(JsonElement value) {
        return Double.parseDouble(value.getAsString());
    }

    Measured score(String benchmark) {
        return cost(benchmark, Cost::score);
    }

    Measured garbage(String benchmark) {
        return cost(benchmark, Cost::garbage);
    }

    private Measured cost(String benchmark, ToDoubleFunction<Cost> part) {
        Cost cost = costs.get(benchmark);
        if (cost == null || Double.isNaN(part.applyAsDouble(cost))) {
            return new Measured.Missing("JMH has no figure of " + benchmark);
        }
        return Measured.value(part.applyAsDouble(cost));
    }

    Table table() {
        List<List<String>> rows = new ArrayList<>();
        costs.forEach((name, cost) -> rows.add(List.of(
                name,
                Figures.plain(cost.score())
                        + (Double.isNaN(cost.error()) ? "" : " ± " + Figures.plain(cost.error())) + " "
                        + cost.unit(),
                Double.isNaN(cost.garbage()) ? "-" : Figures.plain(cost.garbage()))));
        return new Table(List.of("benchmark", "time", "garbage per call, bytes"), rows);
    }
}
