package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links in the readme, the documentation and the templates of pull requests lead to what is in the repository, to the line, or to a well-known public site. */
class LinksTests {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** Asked for by nobody here, so a wrong path on one of them is not seen. */
    private static final Set<String> PUBLIC = Set.of(
            "aws.amazon.com",
            "central.sonatype.org",
            "cloud.google.com",
            "curator.apache.org",
            "developer.hashicorp.com",
            "docs.aws.amazon.com",
            "docs.hazelcast.com",
            "docs.spring.io",
            "etcd.io",
            "github.com",
            "grafana.com",
            "kubernetes.io",
            "learn.microsoft.com",
            "martin.kleppmann.com",
            "prometheus.io",
            "redis.io",
            "redisson.pro",
            "semver.org",
            "start.spring.io",
            "www.chartjs.org",
            "www.consul.io",
            "www.postgresql.org");

    @Test
    void linksInsideTheRepositoryLeadToAFileAndAHeadingInIt() throws IOException {
        List<String> broken = new ArrayList<>();
        int followed = 0;
        for (Path page : pages()) {
            for (String link : MarkdownPage.read(page).links()) {
                if (!URI.create(link).isAbsolute()) {
                    followed++;
                    if (!resolves(page, link)) {
                        broken.add(ROOT.relativize(page) + ": " + link);
                    }
                }
            }
        }

        assertThat(broken).isEmpty();
        assertThat(followed).isGreaterThan(80);
    }

    @Test
    void otherLinksLeadToWellKnownPublicSites() throws IOException {
        List<String> others = new ArrayList<>();
        for (Path page : pages()) {
            for (String link : MarkdownPage.read(page).links()) {
                URI uri = URI.create(link);
                if (uri.isAbsolute() && !(uri.getScheme().equals("https") && PUBLIC.contains(uri.getHost()))) {
                    others.add(ROOT.relativize(page) + ": " + link);
                }
            }
        }

        assertThat(others).isEmpty();
    }

    @Test
    void everyPageOfTheDocumentationCanBeReachedFromTheReadme() throws IOException {
        List<Path> reached = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        for (int i = 0; i < reached.size(); i++) {
            Path page = reached.get(i);
            for (String link : MarkdownPage.read(page).links()) {
                if (link.matches("[^:#]+\\.md(#.*)?")) {
                    Path next =
                            page.resolveSibling(link.replaceFirst("#.*", "")).normalize();
                    if (!reached.contains(next)) {
                        reached.add(next);
                    }
                }
            }
        }

        assertThat(reached)
                .containsAll(pages().stream()
                        .filter(page -> page.startsWith(ROOT.resolve("docs")))
                        .toList());
    }

    private static boolean resolves(Path page, String link) throws IOException {
        String path = link.replaceFirst("#.*", "");
        Path target = path.isEmpty() ? page : page.resolveSibling(path).normalize();
        if (!target.startsWith(ROOT) || !Files.exists(target)) {
            return false;
        }
        int anchor = link.indexOf('#');
        return anchor < 0 || MarkdownPage.read(target).anchors().contains(link.substring(anchor + 1));
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> templates = Files.walk(ROOT.resolve(".github"));
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.of(top, templates, docs)
                    .flatMap(files -> files)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }
}
