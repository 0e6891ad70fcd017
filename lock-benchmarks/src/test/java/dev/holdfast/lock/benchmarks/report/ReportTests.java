package dev.holdfast.lock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/** On a recorded run of few subjects, without ZooKeeper, PostgreSQL and Go. */
class ReportTests {

    @TempDir
    Path directory;

    private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();

    @BeforeEach
    void recordedRun() throws IOException {
        for (String file : List.of("results.jsonl", "environment.json", "jmh.json")) {
            try (InputStream recorded = Objects.requireNonNull(getClass().getResourceAsStream(file))) {
                Files.copy(recorded, directory.resolve(file));
            }
        }
    }

    @Test
    void theMedianRoundIsShown() throws IOException {
        assertThat(row("| holdfast ")).contains("1,304/s, p50 676 µs").contains("27,383/s");
    }

    @Test
    void aRatioIsThatOfTheMedians() throws IOException {
        assertThat(row("at most 1.15 x two raw puts")).contains("| 1.108 x").contains("| reached");
    }

    @Test
    void aMissedGoalIsSaidToBeMissed() throws IOException {
        assertThat(row("hand-over p50 at most 1.9 x a raw put"))
                .contains("| 1.934 x")
                .contains("**not reached**");
        assertThat(page()).contains("- one name, 2 JVMs x 1 thread: hand-over p50 at most 1.9 x a raw put");
    }

    @Test
    void anAbsentPeerIsNamedWithTheReason() throws IOException {
        assertThat(row("faster than Curator")).contains("not measured (ZooKeeper was not installed)");
        assertThat(page()).contains("- spring-jdbc: not measured (PostgreSQL was not installed)");
    }

    @Test
    void whatFailedIsSaidOnce() throws IOException {
        String failed = "held, 10,000 held: redisson: A worker failed: out of memory";
        Files.writeString(directory.resolve("failures.txt"), failed + "\n" + failed + "\n");
        assertThat(page()).containsOnlyOnce("- " + failed + "\n");
    }

    @Test
    void aPeerThatCouldHaveRunIsNotCalledAbsent() throws IOException {
        assertThat(page()).contains("- redisson-fair: not measured (not part of the run)");
    }

    @Test
    void aSettingThatWasNotRunIsNotMeasured() throws IOException {
        assertThat(row("one name, 4 JVMs x 8 threads"))
                .contains("not measured (holdfast was not run at across-jvms, 4 jvms, 8 threads");
    }

    @Test
    void goIsDerivedAndSaidToBe() throws IOException {
        assertThat(row("at least 2.5 x Go's Mutex")).contains("| 2.56 x (Go derived: jetcd-lock-shared x 1.550)");
    }

    @Test
    void goItselfIsComparedWithWhenItRan() throws IOException {
        append("""
                {"scenario":"uncontended","subject":"go-mutex","jdk":"17","virtual":false,"threads":64,"jvms":1,"nodes":1,"round":1,\
                "metrics":{"cyclesPerSecond":27383}}
                """);

        assertThat(row("at least 2.5 x Go's Mutex")).contains("| 1 x ").doesNotContain("derived");
    }

    @Test
    void onVirtualThreadsAPeerMayBeOnPlatformThreadsWhichIsSaid() throws IOException {
        assertThat(row("at least 3.2 x Redisson")).contains("3.35 x (redisson on JDK 17, platform threads)");
    }

    @Test
    void theAnnotationIsJudgedByWhatJmhSays() throws IOException {
        assertThat(row("at most 3 µs per call")).contains("| 2.50 µs").contains("| reached");
        assertThat(row("at most 1.5 KiB of garbage")).contains("| 1,000 bytes").contains("| reached");
    }

    @Test
    void withoutJmhTheAnnotationIsNotMeasured() throws IOException {
        Files.delete(directory.resolve("jmh.json"));

        assertThat(row("at most 3 µs per call")).contains("not measured (JMH has no figure of ");
    }

    @Test
    void twoSettingsAreNeverMixed() throws IOException {
        append("""
                {"scenario":"held","subject":"holdfast","jdk":"17","virtual":false,"threads":8,"jvms":1,"nodes":1,"held":10000,"round":1,\
                "metrics":{"heapBytesPerHold":9000}}
                """);

        assertThat(row("less than 1 KiB of heap per hold")).contains("not measured (several settings fit");
    }

    @Test
    void aViolationStopsTheReport() throws IOException {
        append("""
                {"scenario":"one-jvm","subject":"curator","jdk":"17","virtual":false,"threads":8,"jvms":1,"nodes":1,"round":1,\
                "metrics":{"violations":2}}
                """);
        Path page = directory.resolve("page.md");

        assertThat(Report.write(directory, page, false, out())).isFalse();
        assertThat(page).doesNotExist();
        assertThat(terminal.toString(StandardCharsets.UTF_8))
                .contains("VIOLATED 2 times")
                .contains("| curator ");
    }

    @Test
    void theTerminalShowsThePageAndWhereItIs() throws IOException {
        assertThat(Report.write(directory, directory.resolve("page.md"), true, out()))
                .isTrue();

        assertThat(terminal.toString(StandardCharsets.UTF_8))
                .contains(Files.readString(directory.resolve("page.md")))
                .contains("not to the docs");
    }

    @Test
    void noPlaceOfTheTemplateIsLeftOver() throws IOException {
        assertThat(page()).doesNotContain("{{").doesNotContain("}}");
    }

    @Test
    void plotsAreSvgWithTheSameBytesEachTime() throws Exception {
        Path page = directory.resolve("page.md");
        Path plot = directory.resolve("performance/throughput.svg");
        Report.write(directory, page, false, out());
        byte[] first = Files.readAllBytes(plot);
        Report.write(directory, page, false, out());

        assertThat(plot).hasBinaryContent(first);
        assertThat(root(plot).getTagName()).isEqualTo("svg");
        assertThat(page).content().contains("(performance/throughput.svg)");
    }

    @Test
    void aPlotWithoutDataIsNotLeftFromAnEarlierRun() throws IOException {
        Path old = directory.resolve("performance/names.svg");
        Files.createDirectories(old.getParent());
        Files.writeString(old, "of another run");
        Path page = directory.resolve("page.md");
        Report.write(directory, page, false, out());

        assertThat(page).content().doesNotContain("names.svg");
        assertThat(old).doesNotExist();
    }

    private Element root(Path svg) throws Exception {
        DocumentBuilderFactory parsers = DocumentBuilderFactory.newInstance();
        // The document type names a DTD on the web, which no test should fetch.
        parsers.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return parsers.newDocumentBuilder().parse(svg.toFile()).getDocumentElement();
    }

    private String page() throws IOException {
        Run run = Report.read(directory);
        return Page.standard().text(run, Goals.judge(run), List.of());
    }

    private String row(String part) throws IOException {
        return page().lines()
                .filter(line -> line.startsWith("|") && line.contains(part))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row has " + part));
    }

    private void append(String lines) throws IOException {
        Files.writeString(directory.resolve("results.jsonl"), lines, StandardOpenOption.APPEND);
    }

    private PrintStream out() {
        return new PrintStream(terminal, true, StandardCharsets.UTF_8);
    }
}
