package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import dev.holdfast.lock.benchmarks.worker.Latencies;
import dev.holdfast.lock.benchmarks.worker.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Runs a command line program again and again: how long until the command it runs under a lock has said its first word, and until it has
 * given the lock back and ended.
 */
final class ProcessStart {

    private static final Path LAUNCHER = Path.of("bin", "holdfast");

    private final List<String> command;
    private final Latencies whole = new Latencies();
    private final Latencies untilRunning = new Latencies();

    private ProcessStart(List<String> command) {
        this.command = command;
    }

    static List<Outcome> measure(Measurement measurement, String endpoints) throws InterruptedException {
        List<String> command = command(measurement.subject(), endpoints);
        new ProcessStart(command).repeat(measurement.setting().settling().toNanos());
        ProcessStart measured = new ProcessStart(command);
        measured.repeat(measurement.setting().window().toNanos());
        return List.of(measured.outcome());
    }

    private static List<String> command(SubjectKind subject, String endpoints) {
        return switch (subject) {
            case ETCDCTL_PUT -> List.of("etcdctl", "--endpoints", endpoints, "put", "bench", "x");
            case ETCDCTL_LOCK -> List.of("etcdctl", "--endpoints", endpoints, "lock", "bench-lock", "echo", "x");
            case HOLDFAST_CLI ->
                List.of(launcher().toString(), "run", "--endpoints", endpoints, "bench-lock", "--", "echo", "x");
            default -> throw new IllegalArgumentException(subject + " is not a program");
        };
    }

    private static Path launcher() {
        if (!Files.isExecutable(LAUNCHER)) {
            throw new IllegalStateException(
                    LAUNCHER.toAbsolutePath() + " is missing; run this in the root of the project");
        }
        return LAUNCHER.toAbsolutePath();
    }

    private void repeat(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        try {
            do {
                once();
            } while (System.nanoTime() - end < 0);
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    private void once() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        // Of another etcd: what a flag says too would end etcdctl at once.
        builder.environment().keySet().removeIf(name -> name.startsWith("ETCD"));
        builder.environment().put("ETCDCTL_API", "3");
        long begin = System.nanoTime();
        Process process = builder.start();
        int first = process.getInputStream().read();
        untilRunning.record(System.nanoTime() - begin);
        process.getInputStream().readAllBytes();
        int status = process.waitFor();
        whole.record(System.nanoTime() - begin);
        if (status != 0 || first < 0) {
            throw new IllegalStateException(String.join(" ", command) + " ended with " + status);
        }
    }

    private Outcome outcome() {
        String none = new Latencies().encoded();
        Map<String, Double> sizes = Map.of(
                "firstOutputP50Micros", untilRunning.percentileMicros(50),
                "firstOutputP99Micros", untilRunning.percentileMicros(99));
        return new Outcome(List.of(whole.count()), whole.encoded(), none, none, 0, Double.NaN, Double.NaN, 0, sizes);
    }
}
