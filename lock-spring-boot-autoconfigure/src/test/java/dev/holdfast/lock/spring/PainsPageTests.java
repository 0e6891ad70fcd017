package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page docs/pains.md names for each pain the tests that show the answer; here it is seen that they exist. */
class PainsPageTests {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path PAGE = ROOT.resolve("docs/pains.md");
    private static final Pattern TEST = Pattern.compile("`(\\w+Tests)#([\\w ]+)`");

    @Test
    void everyPainHasAnAnswerAndATestOrAReason() throws IOException {
        List<String> rows = rows();

        assertThat(rows)
                .extracting(row -> row.split("\\|")[1].strip())
                .isEqualTo(
                        IntStream.rangeClosed(1, 25).mapToObj(Integer::toString).toList());
        assertThat(rows)
                .allSatisfy(row -> assertThat(TEST.matcher(row).find() || row.contains("Not ours"))
                        .as(row)
                        .isTrue());
    }

    @Test
    void theTestsExist() throws IOException {
        Map<String, List<Path>> classes = testClasses();
        List<String> missing = new ArrayList<>();
        for (MatchResult test : matches(TEST)) {
            String name = test.group(2);
            Pattern method = Pattern.compile("\\b(void " + name + "|fun `" + name + "`)\\(");
            boolean found = false;
            for (Path source : classes.getOrDefault(test.group(1), List.of())) {
                found |= method.matcher(Files.readString(source)).find();
            }
            if (!found) {
                missing.add(test.group());
            }
        }

        assertThat(missing).isEmpty();
    }

    private static List<String> rows() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.matches("\\| \\d+ \\|.*"))
                .toList();
    }

    private static List<MatchResult> matches(Pattern pattern) throws IOException {
        return pattern.matcher(Files.readString(PAGE)).results().toList();
    }

    private static Map<String, List<Path>> testClasses() throws IOException {
        try (Stream<Path> modules = Files.list(ROOT)) {
            List<Path> roots = modules.map(module -> module.resolve("src"))
                    .filter(Files::isDirectory)
                    .toList();
            List<Path> sources = new ArrayList<>();
            for (Path root : roots) {
                try (Stream<Path> files = Files.walk(root)) {
                    files.filter(file -> file.toString().matches(".*Tests\\.(java|kt)"))
                            .forEach(sources::add);
                }
            }
            return sources.stream()
                    .collect(Collectors.groupingBy(
                            source -> String.valueOf(source.getFileName()).replaceFirst("\\.\\w+$", "")));
        }
    }
}
