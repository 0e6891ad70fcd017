package dev.holdfast.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spring.autoconfigure.HoldfastProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.web.cors.CorsConfiguration;
import org.yaml.snakeyaml.Yaml;

/** The manifests in docs/operations/kubernetes set what they say they set, and leave a shutdown the time it may take. */
class KubernetesTests {

    private static final Path FILE = Path.of("..", "docs", "operations", "kubernetes", "tickets.yaml");

    /** The web server, then executors and schedulers; see docs/operations.md. */
    private static final int PHASES_WITH_WORK = 2;

    private final Map<String, Object> manifests = manifests();
    private final Map<String, Object> pod = map(manifests, "Deployment", "spec", "template", "spec");
    private final Map<String, Object> container = list(pod, "containers").get(0);
    private final Map<String, Object> environment = map(manifests, "ConfigMap", "data");

    @Test
    void theSettingsAreThoseOfTheApplication() {
        HoldfastProperties holdfast = bound("holdfast", HoldfastProperties.class);

        assertThat(holdfast.shutdownTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(holdfast.failFast()).isFalse();
        assertThat(holdfast.etcd().endpoints()).containsExactly("http://etcd:2379");
        assertThat(holdfast.etcd().username()).isEqualTo("tickets");
        assertThat(bound("server.shutdown", String.class)).isEqualTo("graceful");
        assertThat(bound("management.endpoint.health.probes.enabled", Boolean.class))
                .isTrue();
    }

    @Test
    void aPodMayTakeAsLongAsItsShutdown() {
        long preStop = Long.parseLong(String.valueOf(
                ((List<?>) map(container, "lifecycle", "preStop", "exec").getOrDefault("command", List.of())).get(1)));
        Duration drain = bound("spring.lifecycle.timeout-per-shutdown-phase", Duration.class);
        HoldfastProperties holdfast = bound("holdfast", HoldfastProperties.class);
        Duration revoke = Duration.ofSeconds(5);

        Duration longest = Duration.ofSeconds(preStop)
                .plus(drain.multipliedBy(PHASES_WITH_WORK))
                .plus(holdfast.shutdownTimeout())
                .plus(revoke);

        assertThat(Duration.ofSeconds(number(pod, "terminationGracePeriodSeconds")))
                .isGreaterThan(longest);
    }

    @Test
    void probesAskForGroupsThatDoNotAskEtcd() {
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            assertThat(map(container, probe, "httpGet"))
                    .as(probe)
                    .extractingByKey("path")
                    .isIn("/actuator/health/liveness", "/actuator/health/readiness");
        }
        assertThat(environment.keySet()).noneMatch(name -> name.startsWith("MANAGEMENT_ENDPOINT_HEALTH_GROUP"));
    }

    @Test
    void theServiceAndTheBudgetFindThePods() {
        Map<String, Object> labels = map(manifests, "Deployment", "spec", "template", "metadata", "labels");

        assertThat(map(manifests, "Service", "spec", "selector")).isEqualTo(labels);
        assertThat(map(manifests, "PodDisruptionBudget", "spec", "selector", "matchLabels"))
                .isEqualTo(labels);
    }

    @Test
    void eachPodSaysOfItselfWhereItIs() {
        List<Map<String, Object>> variables = list(container, "env");
        List<Object> names =
                variables.stream().map(variable -> variable.get("name")).toList();
        int ip = names.indexOf("POD_IP");
        int url = names.indexOf("SAMPLE_PAGE_URL");

        // A variable is put in only where it was defined before.
        assertThat(ip).isNotNegative().isLessThan(url);
        assertThat(map(variables.get(ip), "valueFrom", "fieldRef")).containsEntry("fieldPath", "status.podIP");
        assertThat(variables.get(url))
                .containsEntry(
                        "value",
                        "http://$(POD_IP):" + list(container, "ports").get(0).get("containerPort"));
        assertThat(environment).doesNotContainKey("SAMPLE_PAGE_URL");
    }

    @Test
    void aPageMayLookThroughAnotherPod() {
        CorsConfiguration cors = new CorsConfiguration();
        cors.setAllowedOriginPatterns(
                bound("sample.page", SampleProperties.Page.class).allowedOrigins());

        assertThat(cors.checkOrigin("http://10.1.2.3:8080")).isNotNull();
        assertThat(cors.checkOrigin("http://localhost:18080")).isNotNull();
        assertThat(cors.checkOrigin("http://example.org:8080")).isNull();
        assertThat(bound("sample.page", SampleProperties.Page.class).controls()).isFalse();
    }

    private <T> T bound(String name, Class<T> type) {
        StandardEnvironment values = new StandardEnvironment();
        values.getPropertySources()
                .forEach(source -> values.getPropertySources().remove(source.getName()));
        values.getPropertySources().addFirst(new SystemEnvironmentPropertySource("pod-systemEnvironment", environment));
        return Binder.get(values).bind(name, type).get();
    }

    private static Map<String, Object> manifests() {
        Map<String, Object> byKind = new LinkedHashMap<>();
        StreamSupport.stream(new Yaml().loadAll(text()).spliterator(), false)
                .map(KubernetesTests::map)
                .forEach(manifest -> byKind.put(String.valueOf(manifest.get("kind")), manifest));
        return byKind;
    }

    private static String text() {
        try {
            return Files.readString(FILE);
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
    }

    private static long number(Map<String, Object> map, String key) {
        return ((Number) map.getOrDefault(key, 0)).longValue();
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> list(Map<String, Object> map, String key) {
        return (List<Map<String, Object>>) map.getOrDefault(key, List.of());
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value, String... path) {
        Map<String, Object> map = (Map<String, Object>) value;
        for (String key : path) {
            map = (Map<String, Object>) map.getOrDefault(key, Map.of());
        }
        return map;
    }
}
