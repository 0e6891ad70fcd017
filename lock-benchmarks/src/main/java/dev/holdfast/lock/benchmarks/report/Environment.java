package dev.holdfast.lock.benchmarks.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Machine, versions and date, as {@code environment.json} has them; nested names are joined by a blank. */
record Environment(Map<String, String> facts) {

    static Environment read(Path file) throws IOException {
        Map<String, String> facts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        flatten("", JsonParser.parseString(Files.readString(file)), facts);
        return new Environment(facts);
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

    /** Whether a fact is known whose name has this word: the version of a server that was there. */
    boolean knows(String word) {
        String wanted = word.toLowerCase(Locale.ROOT);
        return facts.keySet().stream()
                .anyMatch(name ->
                        List.of(name.toLowerCase(Locale.ROOT).split("[^a-z]+")).contains(wanted));
    }

    Table table() {
        List<List<String>> rows = new ArrayList<>();
        facts.forEach((name, value) -> rows.add(List.of(name, value)));
        return new Table(List.of("", ""), rows);
    }
}
