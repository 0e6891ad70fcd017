package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.worker.Assignment;
import dev.holdfast.lock.benchmarks.worker.Outcome;
import dev.holdfast.lock.benchmarks.worker.Worker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.ObjectMapper;

/** One JVM that runs {@link Worker}. */
final class WorkerProcess implements AutoCloseable {

    private static final int LONGEST_EXCERPT = 2_000;

    private final ObjectMapper json;
    private final Process process;
    private final Path errors;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    private WorkerProcess(ObjectMapper json, Process process, Path errors) {
        this.json = json;
        this.process = process;
        this.errors = errors;
    }

    static WorkerProcess start(ObjectMapper json, Jdk jdk, Assignment assignment) {
        List<String> command = new ArrayList<>();
        command.add(jdk.java().toString());
        command.addAll(jdk.options());
        command.addAll(List.of(
                "-Xmx1536m",
                "-cp",
                System.getProperty("java.class.path"),
                Worker.class.getName(),
                json.writeValueAsString(assignment)));
        try {
            Path errors = Files.createTempFile("holdfast-bench-worker", ".log");
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            WorkerProcess worker = new WorkerProcess(json, process, errors);
            Thread reader = new Thread(worker::read, "worker-output");
            reader.setDaemon(true);
            reader.start();
            return worker;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    void awaitReady(Duration limit) throws InterruptedException {
        get(ready, limit);
    }

    /** Passes the barrier. */
    void begin(long nanoTime) {
        try {
            process.getOutputStream().write((nanoTime + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException ended) {
            // told by awaitOutcome
        }
    }

    Outcome awaitOutcome(Duration limit) throws InterruptedException {
        return get(outcome, limit);
    }

    /** Lets the worker end by itself, so that it gives back what it holds, but not for long. */
    @Override
    public void close() {
        try {
            if (!outcome.isDone() || outcome.isCompletedExceptionally() || !process.waitFor(8, TimeUnit.SECONDS)) {
                process.destroyForcibly().onExit().join();
            }
            Files.deleteIfExists(errors);
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException left) {
            // a temporary file that stays behind harms nobody
        }
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals(Worker.READY)) {
                    ready.complete(null);
                } else if (line.startsWith(Worker.OUTCOME)) {
                    outcome.complete(json.readValue(line.substring(Worker.OUTCOME.length()), Outcome.class));
                }
            }
        } catch (IOException closed) {
            // as at its end
        }
        IllegalStateException ended = new IllegalStateException("A worker failed: " + excerpt());
        ready.completeExceptionally(ended);
        outcome.completeExceptionally(ended);
    }

    private String excerpt() {
        try {
            String text = Files.readString(errors);
            return text.substring(0, Math.min(text.length(), LONGEST_EXCERPT));
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    private static <T> T get(CompletableFuture<T> future, Duration limit) throws InterruptedException {
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new IllegalStateException("A worker did not answer within " + limit, late);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() == null ? failed : failed.getCause();
            throw new IllegalStateException(String.valueOf(cause.getMessage()), cause);
        }
    }
}
