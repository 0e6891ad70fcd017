package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.server.Server;
import dev.holdfast.lock.benchmarks.worker.Assignment;
import dev.holdfast.lock.benchmarks.worker.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.ObjectMapper;

/** Where workers run: starts those of a measurement, lets them go together, and collects what they say. */
final class Field implements AutoCloseable {

    private static final Duration READY_LIMIT = Duration.ofSeconds(120);
    private static final Duration GRACE = Duration.ofSeconds(90);
    /** From the signal to the work, so that the last worker has read it when the first begins. */
    private static final Duration LEAD = Duration.ofMillis(100);

    private final ObjectMapper json;
    private final AtomicInteger count = new AtomicInteger();
    private final Set<WorkerProcess> running = ConcurrentHashMap.newKeySet();

    Field(ObjectMapper json) {
        this.json = json;
    }

    List<Outcome> measure(Measurement measurement, Server server, Jdk jdk) throws InterruptedException {
        Path exclusion = exclusionFile();
        String prefix = "b" + count.incrementAndGet() + "-";
        List<WorkerProcess> workers = new ArrayList<>();
        try {
            for (int jvm = 0; jvm < measurement.setting().jvms(); jvm++) {
                Assignment assignment = assignment(measurement, server, jvm, prefix, exclusion);
                WorkerProcess worker = WorkerProcess.start(json, jdk, assignment);
                running.add(worker);
                workers.add(worker);
            }
            return together(workers, measurement.setting());
        } finally {
            workers.parallelStream().forEach(WorkerProcess::close);
            workers.forEach(running::remove);
            exclusion.toFile().delete();
        }
    }

    /** Ends all workers. */
    @Override
    public void close() {
        running.forEach(WorkerProcess::close);
    }

    private static List<Outcome> together(List<WorkerProcess> workers, Setting setting) throws InterruptedException {
        for (WorkerProcess worker : workers) {
            worker.awaitReady(READY_LIMIT);
        }
        long begin = System.nanoTime() + LEAD.toNanos();
        workers.forEach(worker -> worker.begin(begin));
        Duration limit = setting.warmUp().plus(setting.window()).plus(GRACE);
        List<Outcome> outcomes = new ArrayList<>();
        for (WorkerProcess worker : workers) {
            outcomes.add(worker.awaitOutcome(limit));
        }
        return outcomes;
    }

    private static Assignment assignment(
            Measurement measurement, Server server, int jvm, String prefix, Path exclusion) {
        Setting setting = measurement.setting();
        return new Assignment(
                setting.task(),
                measurement.subject().label(),
                server.address(),
                jvm == 0 ? server.pids() : List.of(),
                server.metrics(),
                jvm,
                setting.threads().get(jvm),
                setting.virtual(),
                setting.sessionPerThread(),
                prefix,
                setting.names(),
                setting.amount(),
                setting.warmUp().toMillis(),
                setting.window().toMillis(),
                exclusion.toString());
    }

    private static Path exclusionFile() {
        try {
            return Files.createTempFile("holdfast-bench", ".exclusion");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
