package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import dev.holdfast.lock.benchmarks.worker.Latencies;
import dev.holdfast.lock.benchmarks.worker.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Runs a command line program again and again: how long until it has taken a lock, run a command, given the lock back and ended. */
final class ProcessStart {

    private ProcessStart() {}

    static List<Outcome> measure(Measurement measurement, String endpoints) throws InterruptedException {
        List<String> command = command(measurement.subject(), endpoints);
        run(command, measurement.setting().settling().toNanos());
        Latencies times = run(command, measurement.setting().window().toNanos());
        String none = new Latencies().encoded();
        return List.of(new Outcome(
                List.of(times.count()), times.encoded(), none, none, 0, Double.NaN, Double.NaN, 0, Map.of()));
    }

    private static List<String> command(SubjectKind subject, String endpoints) {
        return switch (subject) {
            case ETCDCTL_PUT -> List.of("etcdctl", "--endpoints", endpoints, "put", "bench", "x");
            case ETCDCTL_LOCK -> List.of("etcdctl", "--endpoints", endpoints, "lock", "bench-lock", "true");
            default -> throw new IllegalArgumentException(subject + " is not a program");
        };
    }

    private static Latencies run(List<String> command, long nanos) throws InterruptedException {
        Latencies times = new Latencies();
        long end = System.nanoTime() + nanos;
        try {
            do {
                long begin = System.nanoTime();
                ProcessBuilder builder = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD);
                builder.environment().put("ETCDCTL_API", "3");
                int status = builder.start().waitFor();
                times.record(System.nanoTime() - begin);
                if (status != 0) {
                    throw new IllegalStateException(String.join(" ", command) + " ended with " + status);
                }
            } while (System.nanoTime() - end < 0);
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
        return times;
    }
}
