package dev.holdfast.lock.benchmarks.report;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Prints what the harness measured and writes it as a page with plots. Arguments: the directory with {@code results.jsonl}, {@code
 * environment.json} and perhaps {@code jmh.json}; the page; {@code --quick} after a quick run, whose page stays beside the results.
 * Exit code 1: mutual exclusion was violated, and no page is written.
 */
public final class Report {

    private Report() {}

    public static void main(String[] args) throws IOException {
        boolean quick = args.length == 3 && args[2].equals("--quick");
        if (args.length != 2 && !quick) {
            System.err.println("usage: Report RESULTS-DIRECTORY PAGE [--quick]");
            System.exit(64);
        }
        System.setProperty("java.awt.headless", "true");
        Path results = Path.of(args[0]);
        boolean held = write(results, quick ? results.resolve("performance.md") : Path.of(args[1]), quick, System.out);
        System.exit(held ? 0 : 1);
    }

    static boolean write(Path directory, Path page, boolean quick, PrintStream out) throws IOException {
        Run run = read(directory);
        double violations = run.results().sum(Metric.VIOLATIONS);
        if (violations > 0) {
            out.printf("MUTUAL EXCLUSION WAS VIOLATED %s times; nothing is written%n", Figures.plain(violations));
            out.println(violators(run.results()).text());
            return false;
        }
        List<Verdict> verdicts = Goals.judge(run);
        List<Plot> plots = draw(run.results(), page.resolveSibling("performance"));
        String text = Page.standard().text(run, verdicts, plots);
        Files.writeString(page, text, StandardCharsets.UTF_8);
        out.println(text);
        out.println(Page.summary(verdicts));
        out.println(quick ? "a quick run: written to " + page + ", not to the docs" : "written to " + page);
        return true;
    }

    static Run read(Path directory) throws IOException {
        return new Run(
                Results.read(directory.resolve("results.jsonl")),
                Environment.read(directory.resolve("environment.json")),
                LocalCosts.read(directory.resolve("jmh.json")),
                failures(directory.resolve("failures.txt")));
    }

    private static List<String> failures(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private static Table violators(Results results) {
        List<List<String>> rows = new ArrayList<>();
        results.where(one -> one.metrics().getOrDefault(Metric.VIOLATIONS, 0.0) > 0)
                .measurements()
                .forEach(one -> rows.add(List.of(
                        one.subject(),
                        one.platform().toString(),
                        one.setting().toString(),
                        Figures.plain(one.metrics().getOrDefault(Metric.VIOLATIONS, 0.0)))));
        return new Table(List.of("subject", "on", "setting", "violations"), rows);
    }

    /** Plots of an earlier run that this one has no data for are removed: they would show another run's figures. */
    private static List<Plot> draw(Results results, Path directory) throws IOException {
        Files.createDirectories(directory);
        List<Plot> drawn = new ArrayList<>();
        for (Plot plot : Plots.all()) {
            Path file = directory.resolve(plot.file());
            Optional<Map<String, TreeMap<Integer, Double>>> lines = plot.lines(results);
            if (lines.isPresent()) {
                Files.writeString(file, SvgChart.draw(plot, lines.get()), StandardCharsets.UTF_8);
                drawn.add(plot);
            } else {
                Files.deleteIfExists(file);
            }
        }
        return drawn;
    }
}
