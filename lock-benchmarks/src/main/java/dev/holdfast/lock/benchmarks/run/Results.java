package dev.holdfast.lock.benchmarks.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/** The files of results, one JSON object to a line, and of what could not be measured, one line each. */
final class Results {

    private final ObjectMapper json;
    private final Path file;
    private final Path failures;

    /** Begins anew. */
    Results(ObjectMapper json, Path directory) {
        this.json = json;
        this.file = directory.resolve("results.jsonl");
        this.failures = directory.resolve("failures.txt");
        write(file, "", StandardOpenOption.TRUNCATE_EXISTING);
        write(failures, "", StandardOpenOption.TRUNCATE_EXISTING);
    }

    void add(Measurement measurement, Jdk jdk, Metrics metrics) {
        Setting setting = measurement.setting();
        ObjectNode line = json.createObjectNode()
                .put("scenario", setting.scenario().label())
                .put("subject", measurement.subject().label())
                .put("jdk", Integer.toString(jdk.feature()))
                .put("virtual", setting.virtual())
                .put("threads", setting.mostThreads())
                .put("jvms", setting.jvms())
                .put("nodes", setting.nodes())
                .put("round", measurement.round());
        switch (setting.scenario()) {
            case HELD -> line.put("held", setting.amount());
            case WAITING, WAITING_ONE_NAME ->
                line.put("waiters", setting.amount()).put("names", setting.names());
            case QUEUE_LENGTH, QUEUE_LENGTH_JVM -> line.put("waiters", setting.allThreads() - 1);
            case NAMES -> line.put("names", setting.names());
            default -> {}
        }
        line.set("metrics", json.valueToTree(metrics.values()));
        write(file, json.writeValueAsString(line) + "\n", StandardOpenOption.APPEND);
    }

    /** The first line of the reason is what a reader of the page needs. */
    void addFailure(String what, String why) {
        write(failures, what + ": " + why.lines().findFirst().orElse("") + "\n", StandardOpenOption.APPEND);
    }

    private static void write(Path file, String text, StandardOpenOption how) {
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
