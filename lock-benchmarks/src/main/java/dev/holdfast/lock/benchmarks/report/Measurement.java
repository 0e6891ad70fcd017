package dev.holdfast.lock.benchmarks.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.HashMap;
import java.util.Map;

/**
 * What one round measured of one subject: a line of {@code results.jsonl}.
 *
 * @param metrics figures by name, whose end says the unit: {@code p50Micros}
 */
record Measurement(String subject, Platform platform, Setting setting, int round, Map<String, Double> metrics) {

    static Measurement parse(String line) {
        JsonObject json = JsonParser.parseString(line).getAsJsonObject();
        Map<String, Integer> sizes = new HashMap<>();
        Map<String, Double> metrics = new HashMap<>();
        json.asMap().forEach((name, value) -> {
            if (isNumber(value) && !name.equals("round") && !name.equals("jdk")) {
                sizes.put(name, value.getAsInt());
            }
        });
        sizes.putIfAbsent(Setting.JVMS, 1);
        sizes.putIfAbsent(Setting.NODES, 1);
        json.getAsJsonObject("metrics").asMap().forEach((name, value) -> {
            if (isNumber(value)) {
                metrics.put(name, value.getAsDouble());
            }
        });
        return new Measurement(
                json.get("subject").getAsString(),
                new Platform(json.get("jdk").getAsInt(), json.get("virtual").getAsBoolean()),
                new Setting(json.get("scenario").getAsString(), sizes),
                json.get("round").getAsInt(),
                metrics);
    }

    private static boolean isNumber(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    }
}
