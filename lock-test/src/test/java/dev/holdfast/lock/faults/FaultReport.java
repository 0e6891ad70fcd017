package dev.holdfast.lock.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/** What all runs showed, as a table for docs/reliability.md. Runs of several JVMs add up until the target is cleaned. */
final class FaultReport {

    static final Path TABLE = Path.of("target", "faults", "table.md");
    private static final Path RUNS = Path.of("target", "faults", "runs.jsonl");

    private FaultReport() {}

    static synchronized void add(Outcome outcome) {
        try {
            Files.createDirectories(RUNS.getParent());
            Files.writeString(RUNS, outcome.toLine() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            Files.writeString(
                    TABLE,
                    table(Files.readAllLines(RUNS).stream().map(Outcome::ofLine).toList()));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    static String table(List<Outcome> outcomes) {
        Map<List<Object>, List<Outcome>> rows = new LinkedHashMap<>();
        for (Outcome outcome : outcomes) {
            rows.computeIfAbsent(
                            List.of(outcome.members(), outcome.title(), outcome.version()), none -> new ArrayList<>())
                    .add(outcome);
        }
        StringBuilder table = new StringBuilder();
        table.append(
                "| What was broken | Members | etcd | Runs | Holds | Losses told | Spurious losses | Exclusion violations"
                        + " | Writes refused | Lost updates | Worst margin | First hold / all names after heal |\n");
        table.append("|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        rows.values().stream()
                .sorted(Comparator.comparing((List<Outcome> row) -> place(row.get(0)))
                        .thenComparing(row -> row.get(0).version()))
                .forEach(row -> table.append(row(row)));
        return table.toString();
    }

    /** As the scenarios are listed. */
    private static int place(Outcome outcome) {
        List<Scenario> all = Scenarios.all();
        return IntStream.range(0, all.size())
                .filter(i -> all.get(i).title().equals(outcome.title())
                        && all.get(i).setup().members() == outcome.members())
                .findFirst()
                .orElse(all.size());
    }

    private static String row(List<Outcome> runs) {
        Outcome any = runs.get(0);
        String blame = any.serversFault() ? " (etcd)" : "";
        return String.join(
                        " | ",
                        "| " + any.title(),
                        "" + any.members(),
                        any.version(),
                        "" + runs.size(),
                        "" + sum(runs, Outcome::holds),
                        "" + sum(runs, Outcome::lossesTold),
                        blamed(sum(runs, Outcome::spurious), blame),
                        blamed(sum(runs, Outcome::exclusion), blame),
                        "" + sum(runs, Outcome::refused),
                        "" + sum(runs, Outcome::lostUpdates),
                        margin(runs),
                        worst(runs, Outcome::firstMillis) + " / " + worst(runs, Outcome::allMillis))
                + " |\n";
    }

    private static String blamed(long count, String blame) {
        return count == 0 ? "0" : count + blame;
    }

    private static long sum(List<Outcome> runs, ToLongFunction<Outcome> part) {
        return runs.stream().mapToLong(part).sum();
    }

    private static String margin(List<Outcome> runs) {
        OptionalLong least = runs.stream()
                .map(Outcome::marginMillis)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .min();
        return least.isPresent() ? least.getAsLong() + " ms" : "";
    }

    private static String worst(List<Outcome> runs, ToLongFunction<Outcome> part) {
        return String.format("%.1f s", runs.stream().mapToLong(part).max().orElse(0) / 1_000.0);
    }
}
