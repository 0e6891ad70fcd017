package dev.holdfast.lock.benchmarks.report;

import static dev.holdfast.lock.benchmarks.report.Setting.JVMS;
import static dev.holdfast.lock.benchmarks.report.Setting.NODES;
import static dev.holdfast.lock.benchmarks.report.Setting.THREADS;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The tables of a scenario, one for each platform: figures are medians over the rounds. */
final class Tables {

    private Tables() {}

    /** Scenarios with a table of their own shape; any other has one row for each setting and a column for each metric. */
    static String of(Results results, String scenario) {
        Results part = results.at(new Setting(scenario, Map.of()));
        if (part.isEmpty()) {
            return "Not measured in this run.\n";
        }
        return part.platforms().stream()
                .map(platform -> "**" + platform + "**\n\n"
                        + tables(part.on(platform), scenario).map(Table::text).collect(Collectors.joining("\n")))
                .collect(Collectors.joining("\n"));
    }

    static Table goals(List<Verdict> verdicts) {
        return new Table(
                List.of("what", "goal", "measured", ""),
                verdicts.stream().map(Verdict::cells).toList());
    }

    private static Stream<Table> tables(Results part, String scenario) {
        return switch (scenario) {
            case "uncontended" -> Stream.of(matrix(part, Tables::load, Tables::uncontended));
            case "one-jvm" -> Stream.of(matrix(part, Tables::load, Tables::oneJvm));
            case "across-jvms" -> Stream.of(matrix(part, Tables::load, Tables::acrossJvms));
            default -> Stream.of(list(part));
        };
    }

    private static String load(Setting setting) {
        StringBuilder text = new StringBuilder();
        if (setting.size(JVMS) > 1) {
            text.append(setting.size(JVMS)).append(" JVMs x ");
        }
        text.append(setting.size(THREADS)).append(setting.size(THREADS) == 1 ? " thread" : " threads");
        if (setting.size(NODES) > 1) {
            text.append(", ").append(setting.size(NODES)).append(" nodes");
        }
        return text.toString();
    }

    private static String uncontended(Results cell) {
        String text = Figures.plain(cell.median(Metric.CYCLES_PER_SECOND)) + "/s, p50 "
                + Figures.micros(cell.median(Metric.P50_MICROS));
        return cell.median(Metric.CLIENT_CPU_MICROS).isEmpty()
                ? text
                : text + ", CPU " + Figures.plain(cell.median(Metric.CLIENT_CPU_MICROS)) + " + "
                        + Figures.plain(cell.median(Metric.SERVER_CPU_MICROS)) + " µs";
    }

    private static String oneJvm(Results cell) {
        return Figures.plain(cell.median(Metric.CYCLES_PER_SECOND)) + "/s, wait p99 "
                + Figures.micros(cell.median(Metric.P99_MICROS)) + ", Jain "
                + Figures.plain(cell.median(Metric.JAIN_THREADS));
    }

    private static String acrossJvms(Results cell) {
        return Figures.plain(cell.median(Metric.CYCLES_PER_SECOND)) + "/s, hand-over "
                + Figures.micros(cell.median(Metric.HAND_OVER_P50_MICROS)) + " / "
                + Figures.micros(cell.median(Metric.HAND_OVER_P99_MICROS)) + ", Jain "
                + Figures.plain(cell.median(Metric.JAIN_JVMS)) + " / "
                + Figures.plain(cell.median(Metric.JAIN_THREADS));
    }

    /** A row for each subject, a column for each load. */
    private static Table matrix(Results part, Function<Setting, String> heading, Function<Results, String> text) {
        List<Setting> settings = part.settings();
        List<String> header = new ArrayList<>(List.of("subject"));
        settings.forEach(setting -> header.add(heading.apply(setting)));
        List<List<String>> rows = new ArrayList<>();
        for (String subject : part.subjects()) {
            List<String> row = new ArrayList<>(List.of(subject));
            for (Setting setting : settings) {
                Results cell = part.of(subject).where(one -> one.setting().equals(setting));
                row.add(cell.isEmpty() ? "-" : text.apply(cell));
            }
            rows.add(row);
        }
        return new Table(header, rows);
    }

    private static Table list(Results part) {
        List<String> sizes = varying(part);
        List<String> metrics = part.metrics();
        List<String> header = new ArrayList<>(List.of("subject"));
        header.addAll(sizes);
        metrics.forEach(metric -> header.add(words(metric)));
        List<List<String>> rows = new ArrayList<>();
        for (String subject : part.subjects()) {
            for (Setting setting : part.of(subject).settings()) {
                List<String> row = new ArrayList<>(List.of(subject));
                sizes.forEach(size -> row.add("%,d".formatted(setting.size(size))));
                Results cell = part.of(subject).where(one -> one.setting().equals(setting));
                metrics.forEach(metric -> row.add(figure(cell, metric)));
                rows.add(row);
            }
        }
        return new Table(header, rows);
    }

    /** The sizes that are not the same everywhere. */
    private static List<String> varying(Results part) {
        Set<String> names = new TreeSet<>();
        part.settings().forEach(setting -> names.addAll(setting.sizes().keySet()));
        return names.stream().filter(name -> part.sizes(name).size() > 1).toList();
    }

    private static String figure(Results cell, String metric) {
        if (metric.endsWith("Micros")) {
            return Figures.micros(cell.median(metric));
        }
        if (metric.endsWith("Millis")) {
            return cell.median(metric).stream()
                    .mapToObj(millis -> Figures.micros(millis * 1_000))
                    .findFirst()
                    .orElse("-");
        }
        return Figures.plain(cell.median(metric));
    }

    /** {@code handOverP50Micros} as {@code hand over p50}. */
    private static String words(String metric) {
        return metric.replaceAll("(Micros|Millis)$", "")
                .replaceAll("([a-z0-9])([A-Z])", "$1 $2")
                .toLowerCase(Locale.ROOT);
    }
}
