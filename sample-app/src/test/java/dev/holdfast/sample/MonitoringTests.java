package dev.holdfast.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.test.EtcdServer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard and the alerts of docs/operations ask for what a running service really offers. */
@Timeout(120)
class MonitoringTests {

    private static final Path DOCS = Path.of("..", "docs");
    private static final String BOOKING = "booking";

    /** Put there by Prometheus itself. */
    private static final Set<String> OF_THE_SCRAPE = Set.of("job", "instance");

    private static final Pattern SELECTOR = Pattern.compile("\\b(holdfast_[a-z_]+)(?:\\{([^}]*)\\})?");
    private static final Pattern MATCHER = Pattern.compile("([a-z_]+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
    private static final Pattern GROUPING = Pattern.compile("\\b(?:by|on)\\s*\\(([^)]*)\\)");
    private static final Pattern LABEL_IN_TEXT = Pattern.compile("\\{\\{\\s*(?:\\$labels\\.)?([a-z_]+)\\s*}}");

    private static EtcdServer etcd;
    private static ConfigurableApplicationContext sample;
    private static Scrape scrape;

    @BeforeAll
    static void letTheSampleGoThroughEverything() throws Exception {
        etcd = EtcdServer.start();
        sample = SpringApplication.run(
                SampleApplication.class,
                "--server.port=0",
                "--spring.datasource.url=jdbc:h2:mem:monitoring",
                "--holdfast.etcd.endpoints=" + etcd.endpoint(),
                "--sample.settlement-schedule=-");
        LockRegistry locks = sample.getBean(LockRegistry.class);
        LockOptions options = locks.defaults().withTtl(Duration.ofSeconds(5)).withMetricName(BOOKING);
        long event =
                sample.getBean(TicketStore.class).create("Concert", 5, 4000).id();
        sample.getBean(BoxOffice.class).sell(new Order(event, "ann", Duration.ofMillis(1)));
        LockHandle held = locks.lock("seat", options).acquire();
        assertThat(locks.lock("seat", options).tryAcquire()).isEmpty();
        etcd.etcdctl("del", "--prefix", "locks/seat/");
        await().atMost(Duration.ofSeconds(15)).until(() -> !held.isHeld());
        etcd.freeze();
        try {
            assertThatExceptionOfType(LockUnavailableException.class)
                    .isThrownBy(() -> locks.lock("row", options).tryAcquire());
            MeterRegistry meters = sample.getBean(MeterRegistry.class);
            await().until(() -> meters.get("holdfast.session.renewal")
                            .tag("outcome", "failure")
                            .timer()
                            .count()
                    > 0);
        } finally {
            etcd.thaw();
        }
        scrape = new Scrape(get("/actuator/prometheus"));
    }

    @AfterAll
    static void stop() {
        sample.close();
        etcd.close();
    }

    @Test
    void theScrapeHasALossAWaitAndARenewal() {
        assertThat(scrape.metrics())
                .contains(
                        "holdfast_lock_wait_seconds_count",
                        "holdfast_lock_hold_seconds_sum",
                        "holdfast_lock_lost_total",
                        "holdfast_locks_held",
                        "holdfast_locks_waiting",
                        "holdfast_session_renewal_seconds_max",
                        "holdfast_session_remaining_seconds",
                        "holdfast_etcd_batch_size_operations_count");
        assertThat(scrape.values("holdfast_lock_lost_total", "reason")).contains("key-deleted", "max-hold");
        assertThat(scrape.labels("holdfast_lock_wait_seconds_count"))
                .as("and the tag that the sample adds to all metrics")
                .containsExactlyInAnyOrder("application", "lock", "outcome");
    }

    @Test
    void eachPanelOfTheDashboardAsksForWhatThereIs() throws IOException {
        JsonNode dashboard = JsonMapper.shared().readTree(text("operations/holdfast-dashboard.json"));
        Set<Integer> ids = new HashSet<>();
        int targets = 0;
        for (JsonNode panel : dashboard.path("panels")) {
            assertThat(ids.add(panel.path("id").asInt())).as("an id of its own").isTrue();
            for (JsonNode target : panel.path("targets")) {
                targets++;
                String expression = target.path("expr").asString();
                assertAnswerable(panel.path("title").asString(), expression);
                Set<String> shown =
                        groups(LABEL_IN_TEXT, target.path("legendFormat").asString());
                assertThat(available(expression)).as(expression).containsAll(shown);
            }
        }
        assertThat(targets).isGreaterThan(15);
        for (JsonNode variable : dashboard.path("templating").path("list")) {
            if (variable.path("type").asString().equals("query")) {
                String query = variable.path("query").path("query").asString();
                assertAnswerable(variable.path("name").asString(), query);
                String label = query.substring(query.lastIndexOf(',') + 1, query.length() - 1)
                        .strip();
                assertThat(available(query)).as(query).contains(label);
            }
        }
    }

    @Test
    void eachAlertAsksForWhatThereIsAndSaysWhatItMeans() throws IOException {
        List<Map<String, Object>> rules = rules();
        assertThat(rules).hasSizeGreaterThan(5);
        for (Map<String, Object> rule : rules) {
            String name = String.valueOf(rule.get("alert"));
            String expression = String.valueOf(rule.get("expr"));
            assertThat(name).matches("Holdfast[A-Z][A-Za-z]+");
            assertAnswerable(name, expression);
            assertThat(String.valueOf(rule.getOrDefault("for", "0m"))).as(name).matches("\\d+[smh]");
            assertThat(map(rule, "labels").get("severity")).as(name).isIn("critical", "warning", "info");
            Map<String, Object> annotations = map(rule, "annotations");
            assertThat(annotations).as(name).containsOnlyKeys("summary", "description", "runbook_url");
            assertThat(annotations.get("runbook_url"))
                    .as(name)
                    .isEqualTo("docs/operations.md#" + name.toLowerCase(Locale.ROOT));
            Set<String> shown = groups(LABEL_IN_TEXT, annotations.toString());
            Set<String> kept = labels(groups(GROUPING, expression));
            assertThat(kept).as(name + " keeps the labels its text shows").containsAll(shown);
        }
        assertThat(rules).extracting(rule -> rule.get("alert")).doesNotHaveDuplicates();
    }

    @Test
    void eachMeterAndAlertIsDocumented() throws IOException {
        String page = text("observability.md");
        Set<String> meters = sample.getBean(MeterRegistry.class).getMeters().stream()
                .map(meter -> meter.getId().getName())
                .filter(name -> name.startsWith("holdfast."))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(meters)
                .hasSizeGreaterThan(7)
                .allSatisfy(meter -> assertThat(page).contains("`" + meter + "`"));
        List<String> runbook = text("operations.md").lines().toList();
        assertThat(rules()).allSatisfy(rule -> assertThat(runbook).contains("### " + rule.get("alert")));
    }

    private static void assertAnswerable(String where, String expression) {
        Matcher selector = SELECTOR.matcher(expression);
        int found = 0;
        while (selector.find()) {
            found++;
            String metric = selector.group(1);
            assertThat(scrape.metrics()).as(where).contains(metric);
            Matcher matcher = MATCHER.matcher(selector.group(2) == null ? "" : selector.group(2));
            while (matcher.find()) {
                assertMatches(where + ": " + expression, metric, matcher);
            }
        }
        assertThat(found).as(where + " asks for a metric of Holdfast").isPositive();
        assertThat(available(expression))
                .as(where + ": " + expression)
                .containsAll(labels(groups(GROUPING, expression)));
        assertThat(expression.chars().filter(c -> c == '(').count())
                .as("parentheses of " + expression)
                .isEqualTo(expression.chars().filter(c -> c == ')').count());
    }

    private static void assertMatches(String where, String metric, Matcher matcher) {
        String label = matcher.group(1);
        if (OF_THE_SCRAPE.contains(label)) {
            return;
        }
        assertThat(scrape.labels(metric)).as(where).contains(label);
        if (!matcher.group(3).startsWith("$")) {
            // Whether it is looked for or left out: a value that never comes is a mistake.
            for (String value : matcher.group(3).split("\\|")) {
                assertThat(scrape.values(metric, label)).as(where).contains(value);
            }
        }
    }

    /** The labels of all metrics that the expression names. */
    private static Set<String> available(String expression) {
        Set<String> labels = new TreeSet<>(OF_THE_SCRAPE);
        groups(SELECTOR, expression).forEach(metric -> labels.addAll(scrape.labels(metric)));
        return labels;
    }

    private static Set<String> groups(Pattern pattern, String text) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static Set<String> labels(Set<String> groupings) {
        Set<String> labels = new TreeSet<>();
        groupings.forEach(grouping -> labels.addAll(List.of(grouping.strip().split("\\s*,\\s*"))));
        return labels;
    }

    private static List<Map<String, Object>> rules() throws IOException {
        Map<String, Object> file = new Yaml().load(text("operations/holdfast-alerts.yml"));
        List<Map<String, Object>> rules = new ArrayList<>();
        for (Map<String, Object> group : list(file, "groups")) {
            rules.addAll(list(group, "rules"));
        }
        return rules;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Map<String, Object> map, String key) {
        return (List<Map<String, Object>>) map.getOrDefault(key, List.of());
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Map<String, Object> map, String key) {
        return (Map<String, Object>) map.getOrDefault(key, Map.of());
    }

    private static String text(String file) throws IOException {
        return Files.readString(DOCS.resolve(file));
    }

    private static String get(String path) throws IOException, InterruptedException {
        String port = sample.getEnvironment().getRequiredProperty("local.server.port");
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }
}
