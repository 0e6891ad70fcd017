package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.ClassPathResource;

/** What an IDE shows of the properties. */
class MetadataTests {

    private final Map<String, @Nullable Object> metadata = read();

    @Test
    void everyPropertyIsThereWithDescription() {
        assertThat(properties())
                .extracting(property -> property.get("name"))
                .containsExactlyInAnyOrder(
                        "holdfast.enabled",
                        "holdfast.store",
                        "holdfast.key-prefix",
                        "holdfast.encode-names",
                        "holdfast.ttl",
                        "holdfast.wait-time",
                        "holdfast.long-wait",
                        "holdfast.batching.enabled",
                        "holdfast.release",
                        "holdfast.hand-over.enabled",
                        "holdfast.hand-over.max-count",
                        "holdfast.hand-over.max-time",
                        "holdfast.shutdown-timeout",
                        "holdfast.fail-fast",
                        "holdfast.order",
                        "holdfast.inside-transaction",
                        "holdfast.shedlock.enabled",
                        "holdfast.etcd.endpoints",
                        "holdfast.etcd.username",
                        "holdfast.etcd.password",
                        "holdfast.etcd.ssl.bundle",
                        "holdfast.etcd.namespace",
                        "holdfast.etcd.request-timeout",
                        "management.endpoint.locks.access",
                        "management.endpoint.locks.cache.time-to-live",
                        "management.health.etcdLock.enabled");
        assertThat(properties())
                .allSatisfy(property -> assertThat(property.get("description"))
                        .as("description of " + property.get("name"))
                        .asString()
                        .endsWith(".")
                        .doesNotStartWith("The ")
                        .doesNotContain("{@"));
    }

    @Test
    void defaultsAreShown() {
        Map<Object, Map<String, Object>> byName =
                properties().stream().collect(Collectors.toMap(property -> property.get("name"), property -> property));
        Set<String> withoutDefault = new HashSet<>(Arrays.asList(
                "holdfast.etcd.username",
                "holdfast.etcd.password",
                "holdfast.etcd.ssl.bundle",
                "holdfast.etcd.namespace"));
        byName.forEach((name, property) -> assertThat(property.containsKey("defaultValue"))
                .as("default of " + name)
                .isEqualTo(!withoutDefault.contains(name)));
    }

    @Test
    void theStoreHasValueHints() {
        assertThat(list("hints"))
                .filteredOn(hint -> "holdfast.store".equals(hint.get("name")))
                .singleElement()
                .asString()
                .contains("value=etcd")
                .contains("value=memory");
    }

    @Test
    void everyChoiceSaysWhatItMeans() {
        Map<Object, Map<String, Object>> hints =
                list("hints").stream().collect(Collectors.toMap(hint -> hint.get("name"), hint -> hint));
        List<Map<String, Object>> choices = properties().stream()
                .filter(property -> constants(property).length > 0)
                .toList();
        assertThat(choices).isNotEmpty();
        assertThat(choices)
                .allSatisfy(choice -> assertThat(String.valueOf(hints.get(choice.get("name"))))
                        .as("hint for " + choice.get("name"))
                        .contains(Arrays.stream(constants(choice))
                                .map(constant -> "value="
                                        + constant.toString()
                                                .toLowerCase(Locale.ROOT)
                                                .replace('_', '-') + ", description=")
                                .toList()));
    }

    private static Object[] constants(Map<String, Object> property) {
        try {
            Object[] constants =
                    Class.forName(String.valueOf(property.get("type"))).getEnumConstants();
            return constants == null ? new Object[0] : constants;
        } catch (ClassNotFoundException generic) {
            return new Object[0];
        }
    }

    private List<Map<String, Object>> properties() {
        return list("properties");
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> list(String key) {
        return (List<Map<String, Object>>) Objects.requireNonNull(metadata.get(key), key);
    }

    private static Map<String, @Nullable Object> read() {
        return JsonParserFactory.getJsonParser().parseMap(text());
    }

    private static String text() {
        try (InputStream json = new ClassPathResource(
                        "META-INF/spring-configuration-metadata.json", HoldfastProperties.class.getClassLoader())
                .getInputStream()) {
            return new String(json.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
