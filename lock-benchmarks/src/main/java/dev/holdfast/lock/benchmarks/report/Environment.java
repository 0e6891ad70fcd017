package dev.holdfast.lock.benchmarks.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Machine, versions and date, as {@code environment.json} has them; nested names are joined by a blank.
 *
 * @param leftOut subjects that could not be measured, and why
 */
record Environment(Map<String, String> facts, Map<String, String> leftOut) {

    private static final String LEFT_OUT = "leftOut";

    static Environment read(Path file) throws IOException {
        JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        Map<String, String> leftOut = new TreeMap<>();
        if (json.has(LEFT_OUT)) {
            flatten("", json.remove(LEFT_OUT), leftOut);
        }
        Map<String, String> facts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        flatten("", json, facts);
        return new Environment(facts, leftOut);
    }

    private static void flatten(String name, JsonElement value, Map<String, String> facts) {
        if (value instanceof JsonObject object) {
            object.asMap().forEach((key, part) -> flatten((name + " " + key).strip(), part, facts));
        } else if (value.isJsonArray()) {
            facts.put(
                    name,
                    value.getAsJsonArray().asList().stream()
                            .map(JsonElement::getAsString)
                            .collect(Collectors.joining(", ")));
        } else if (!value.isJsonNull() && !value.getAsString().isBlank()) {
            facts.put(name, value.getAsString());
        }
    }

    Table table() {
        List<List<String>> rows = new ArrayList<>();
        facts.forEach((name, value) -> rows.add(List.of(name, value)));
        return new Table(List.of("", ""), rows);
    }
}
