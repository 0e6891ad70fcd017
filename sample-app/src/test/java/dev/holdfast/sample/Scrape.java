package dev.holdfast.sample;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Prometheus reads of one instance: the samples of each metric, as their labels. */
final class Scrape {

    private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z_]+)(?:\\{(.*)\\})? \\S+$");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

    private final Map<String, List<Map<String, String>>> samples = new HashMap<>();

    Scrape(String text) {
        Matcher sample = SAMPLE.matcher(text);
        while (sample.find()) {
            Map<String, String> labels = new LinkedHashMap<>();
            if (sample.group(2) != null) {
                Matcher label = LABEL.matcher(sample.group(2));
                while (label.find()) {
                    labels.put(label.group(1), label.group(2));
                }
            }
            samples.computeIfAbsent(sample.group(1), name -> new ArrayList<>()).add(labels);
        }
    }

    Set<String> metrics() {
        return samples.keySet();
    }

    Set<String> labels(String metric) {
        Set<String> labels = new TreeSet<>();
        samples.getOrDefault(metric, List.of()).forEach(sample -> labels.addAll(sample.keySet()));
        return labels;
    }

    Set<String> values(String metric, String label) {
        Set<String> values = new TreeSet<>();
        samples.getOrDefault(metric, List.of()).stream()
                .filter(sample -> sample.containsKey(label))
                .forEach(sample -> values.add(String.valueOf(sample.get(label))));
        return values;
    }
}
