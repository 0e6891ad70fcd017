package dev.holdfast.lock.benchmarks.report;

import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was asked of a subject: the scenario, and its sizes by name ({@code threads} in each JVM, {@code jvms}, {@code nodes}, {@code held}
 * and so on).
 */
record Setting(String scenario, Map<String, Integer> sizes) implements Comparable<Setting> {

    static final String THREADS = "threads";
    static final String JVMS = "jvms";
    static final String NODES = "nodes";
    static final String NAMES = "names";
    static final String HELD = "held";
    static final String WAITERS = "waiters";

    private static final Comparator<Map<String, Integer>> SIZES = (one, other) -> {
        TreeMap<String, Integer> all = new TreeMap<>(one);
        all.putAll(other);
        return all.keySet().stream()
                .mapToInt(name -> Integer.compare(one.getOrDefault(name, -1), other.getOrDefault(name, -1)))
                .filter(order -> order != 0)
                .findFirst()
                .orElse(0);
    };
    private static final Comparator<Setting> ORDER =
            Comparator.comparing(Setting::scenario).thenComparing(Setting::sizes, SIZES);

    Setting {
        sizes = Collections.unmodifiableMap(new TreeMap<>(sizes));
    }

    /** One JVM and one node. */
    static Setting of(String scenario) {
        return new Setting(scenario, Map.of(JVMS, 1, NODES, 1));
    }

    Setting with(String size, int value) {
        TreeMap<String, Integer> changed = new TreeMap<>(sizes);
        changed.put(size, value);
        return new Setting(scenario, changed);
    }

    int size(String name) {
        return sizes.getOrDefault(name, 0);
    }

    /** Whether it is of the scenario and has at least the sizes of the other one. */
    boolean includes(Setting asked) {
        return scenario.equals(asked.scenario) && sizes.entrySet().containsAll(asked.sizes.entrySet());
    }

    @Override
    public int compareTo(Setting other) {
        return ORDER.compare(this, other);
    }

    /** Without what is one, as JVMs and nodes mostly are. */
    @Override
    public String toString() {
        return Stream.concat(
                        Stream.of(scenario),
                        sizes.entrySet().stream()
                                .filter(size -> size.getValue() != 1)
                                .map(size -> "%,d %s".formatted(size.getValue(), size.getKey())))
                .collect(Collectors.joining(", "));
    }
}
