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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.ObjectMapper;

/** One JVM that runs {@link Worker}. For one thread, except where it says so. */
final class WorkerProcess implements AutoCloseable {

    private static final int LONGEST_EXCERPT = 2_000;
    private static final long LAST_WORDS_SECONDS = 2;

    private final ObjectMapper json;
    private final Process process;
    private final Path errors;
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    /** Between an assignment and its outcome it would not hear that it is to end. */
    private boolean busy;

    private WorkerProcess(ObjectMapper json, Process process, Path errors) {
        this.json = json;
        this.process = process;
        this.errors = errors;
    }

    static WorkerProcess start(ObjectMapper json, Jdk jdk) {
        List<String> command = new ArrayList<>();
        command.add(jdk.java().toString());
        command.addAll(jdk.options());
        command.addAll(List.of("-Xmx1536m", "-cp", System.getProperty("java.class.path"), Worker.class.getName()));
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

    void prepare(Assignment assignment) {
        busy = true;
        write(json.writeValueAsString(assignment));
    }

    void awaitReady(Duration limit) throws InterruptedException {
        await(Worker.READY, limit);
    }

    /** Passes the barrier. */
    void begin(long nanoTime) {
        write(Long.toString(nanoTime));
    }

    Outcome awaitOutcome(Duration limit) throws InterruptedException {
        Outcome outcome = json.readValue(await(Worker.OUTCOME, limit), Outcome.class);
        busy = false;
        return outcome;
    }

    /** Lets the worker end by itself, so that it gives back what it holds, but not for long. */
    @Override
    public void close() {
        try {
            if (!busy) {
                write(Worker.END);
            }
            if (busy || !process.waitFor(8, TimeUnit.SECONDS)) {
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

    /** At once, whatever it does. Any thread may ask for that. */
    void kill() {
        process.destroyForcibly().onExit().join();
        errors.toFile().delete();
    }

    boolean hasEnded() {
        return !process.isAlive();
    }

    private void write(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException ended) {
            // told when its answer is awaited
        }
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                // Some peers print, too.
                if (line.equals(Worker.READY) || line.startsWith(Worker.OUTCOME)) {
                    said.add(line);
                }
            }
        } catch (IOException closed) {
            // as at its end
        }
        said.add(Worker.END);
    }

    /** What follows on the word. */
    private String await(String word, Duration limit) throws InterruptedException {
        String line = said.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
        if (line == null) {
            throw new IllegalStateException("A worker did not answer within " + limit);
        }
        if (!line.startsWith(word)) {
            process.waitFor(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
            throw new IllegalStateException("A worker failed: " + excerpt());
        }
        return line.substring(word.length());
    }

    private String excerpt() {
        try {
            String text = Files.readString(errors);
            return text.substring(0, Math.min(text.length(), LONGEST_EXCERPT));
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }
}
