package dev.holdfast.lock.simulation;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;

/**
 * {@code ./dev soak}: worlds without end, or one of them with its history. Exit code 1: a promise was broken.
 */
public final class Soak {

    private Soak() {}

    /** {@code run FIRST COUNT SECONDS}, where FIRST may be {@code random}, or {@code show SEED}. */
    public static void main(String[] arguments) throws Exception {
        QuietLogs.begin();
        if (arguments[0].equals("show")) {
            Simulation.Result result = Simulation.run(Long.parseLong(arguments[1]));
            System.out.print(result.text());
            System.exit(result.violations().isEmpty() ? 0 : 1);
        }
        long first =
                arguments[1].equals("random") ? new SecureRandom().nextLong() >>> 16 : Long.parseLong(arguments[1]);
        long count = Long.parseLong(arguments[2]);
        long left = Duration.ofSeconds(Long.parseLong(arguments[3])).toNanos();
        Seeds seeds = new Seeds(Simulation::run, Path.of(arguments[4]));
        long block = 50_000;
        long started = System.nanoTime();
        while (seeds.count() < count && System.nanoTime() - started < left) {
            seeds.run(
                    first + seeds.count(),
                    Math.min(block, count - seeds.count()),
                    Duration.ofNanos(left - (System.nanoTime() - started)));
            System.out.printf(
                    "seeds %d to %d: %d worlds, %d events, %d s, %d broke promises %s%n",
                    first,
                    first + seeds.count() - 1,
                    seeds.count(),
                    seeds.events(),
                    (System.nanoTime() - started) / 1_000_000_000,
                    seeds.failed(),
                    seeds.broken());
        }
        seeds.failures().forEach(System.out::println);
        System.exit(seeds.failed() == 0 ? 0 : 1);
    }
}
