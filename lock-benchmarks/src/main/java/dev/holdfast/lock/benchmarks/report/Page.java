package dev.holdfast.lock.benchmarks.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The page for readers: prose kept by hand in a template, with what was measured put in place of {@code {{name}}}. */
record Page(String template) {

    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z-]+)}}");
    private static final Set<String> SCENARIOS = Set.of(
            "uncontended",
            "one-jvm",
            "across-jvms",
            "share",
            "held",
            "waiting",
            "waiting-one-name",
            "queue-length",
            "queue-length-jvm",
            "names",
            "process-start");

    static Page standard() throws IOException {
        try (InputStream template = Page.class.getResourceAsStream("performance.md")) {
            if (template == null) {
                throw new IllegalStateException("performance.md is not on the class path");
            }
            return new Page(new String(template.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** @param plots to be shown, by file name */
    String text(Run run, List<Verdict> verdicts, List<Plot> plots) {
        Map<String, String> parts = Map.of(
                "rounds", String.valueOf(run.results().rounds()),
                "environment", run.environment().table().text(),
                "absentees", absentees(run),
                "goals", summary(verdicts) + "\n\n" + Tables.goals(verdicts).text(),
                "missed", missed(verdicts),
                "local",
                        run.local().costs().isEmpty()
                                ? "Not measured in this run.\n"
                                : run.local().table().text(),
                "others", others(run.results()),
                "plots",
                        plots.stream()
                                .map(plot -> "![" + plot.title() + "](performance/" + plot.file() + ")\n")
                                .collect(Collectors.joining("\n")));
        return PLACE.matcher(template)
                .replaceAll(place -> Matcher.quoteReplacement(
                        part(parts, run, place.group(1)).stripTrailing()));
    }

    private static String part(Map<String, String> parts, Run run, String name) {
        String part = parts.get(name);
        if (part == null && !SCENARIOS.contains(name)) {
            throw new IllegalArgumentException("the template asks for {{" + name + "}}, which nobody writes");
        }
        return part == null ? Tables.of(run.results(), name) : part;
    }

    private static String absentees(Run run) {
        return run.absentees().isEmpty()
                ? ""
                : run.absentees().stream()
                        .map(line -> "- " + line + "\n")
                        .collect(Collectors.joining("", "Not here:\n\n", ""));
    }

    static String summary(List<Verdict> verdicts) {
        long measured = verdicts.stream().filter(Verdict::isMeasured).count();
        long reached = verdicts.stream().filter(Verdict::isReached).count();
        return "%d goals: %d reached, %d not reached, %d not measured."
                .formatted(verdicts.size(), reached, measured - reached, verdicts.size() - measured);
    }

    private static String missed(List<Verdict> verdicts) {
        String missed = verdicts.stream()
                .filter(verdict -> verdict.isMeasured() && !verdict.isReached())
                .map(verdict ->
                        "- " + verdict.goal().row() + ": " + verdict.goal().aim() + "\n")
                .collect(Collectors.joining());
        return missed.isEmpty() ? "All goals that were measured were reached." : "In this run that is\n\n" + missed;
    }

    private static String others(Results results) {
        Set<String> found = new TreeSet<>();
        results.settings().forEach(setting -> found.add(setting.scenario()));
        found.removeAll(SCENARIOS);
        return found.stream()
                .map(scenario -> "### " + scenario + "\n\n" + Tables.of(results, scenario) + "\n")
                .collect(Collectors.joining());
    }
}
