package dev.holdfast.lock.faults;

import dev.holdfast.lock.history.Event.Kind;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@link Worker} from outside: told what to do, stopped, continued, killed. Not thread-safe. */
final class WorkerProcess implements AutoCloseable {

    private final WorkerOptions options;
    private final EventLog log;
    private final Process process;
    private final BufferedWriter commands;
    private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private boolean killed;

    /**
     * @param log of the rig, for what is done to the worker
     * @param environment more of it
     */
    WorkerProcess(WorkerOptions options, EventLog log, Map<String, String> environment) {
        this.options = options;
        this.log = log;
        List<String> command = Programs.java(Worker.class, options.toArgument());
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        commands = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, options.process());
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        Path output = Path.of(options.events().replace(".events", ".log"));
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
                Writer out = Files.newBufferedWriter(output)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(Worker.ANSWER)) {
                    answers.add(line.substring(Worker.ANSWER.length()));
                } else {
                    out.write(line + "\n");
                    out.flush();
                }
            }
        } catch (IOException killedWorker) {
            // its last line is of no interest
        }
    }

    String name() {
        return options.process();
    }

    Path events() {
        return Path.of(options.events());
    }

    boolean killed() {
        return killed;
    }

    void awaitStarted() {
        await("started", Duration.ofSeconds(60));
    }

    void tell(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
        } catch (IOException failed) {
            throw new IllegalStateException(name() + " has ended; see " + events().getParent(), failed);
        }
    }

    /** Waits for the worker's answer to the command that begins with that word. */
    void await(String word, Duration limit) {
        try {
            String answer = answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (answer == null || !answer.equals(word)) {
                throw new IllegalStateException(name() + " did not " + word + " within " + limit + " but: " + answer
                        + "; see " + events().getParent());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", interrupted);
        }
    }

    /** Whether it ended by itself, as it must after a close. */
    boolean endedWithin(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS) && process.exitValue() == 0;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void freeze() {
        log.write(System.nanoTime(), name(), Kind.STOPPED, "", 0, 0, "");
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
        log.write(System.nanoTime(), name(), Kind.CONTINUED, "", 0, 0, "");
    }

    /** kill -9. */
    void kill() {
        log.write(System.nanoTime(), name(), Kind.KILLED, "", 0, 0, "");
        killed = true;
        process.destroyForcibly();
        process.onExit().join();
    }

    private void signal(String signal) {
        Programs.run("sh", "-c", "kill -s \"$0\" -- \"$1\"", signal, Long.toString(process.pid()));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
