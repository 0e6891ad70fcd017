package dev.holdfast.lock.simulation;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;

/** {@code ./dev soak}: worlds without end, or one of them with all that happens in it. */
public final class Soak {

    private static final long BLOCK = 50_000;

    private Soak() {}

    /** {@code run FIRST COUNT SECONDS DIRECTORY}, where FIRST may be {@code random}, or {@code show SEED DIRECTORY}. Exit code 1: a promise was broken. */
    public static void main(String[] arguments) throws InterruptedException {
        QuietLogs.begin();
        boolean kept = arguments[0].equals("show")
                ? show(Long.parseLong(arguments[1]))
                : run(
                        arguments[1].equals("random")
                                ? new SecureRandom().nextLong() >>> 20
                                : Long.parseLong(arguments[1]),
                        Long.parseLong(arguments[2]),
                        Duration.ofSeconds(Long.parseLong(arguments[3])),
                        Path.of(arguments[4]));
        System.exit(kept ? 0 : 1);
    }

    private static boolean show(long seed) {
        Simulation.Result result = Simulation.run(seed);
        System.out.print(result.text());
        return result.violations().isEmpty();
    }

    private static boolean run(long first, long count, Duration atMost, Path histories) throws InterruptedException {
        Seeds seeds = new Seeds(Simulation::run, histories);
        long started = System.nanoTime();
        Duration left = atMost;
        while (seeds.count() < count && left.toNanos() > 0) {
            seeds.run(first + seeds.count(), Math.min(BLOCK, count - seeds.count()), left);
            Duration took = Duration.ofNanos(System.nanoTime() - started);
            left = atMost.minus(took);
            System.out.printf(
                    "%d worlds from seed %d on, %d events, %d s: %d broke promises %s%n",
                    seeds.count(), first, seeds.events(), took.toSeconds(), seeds.failed(), seeds.broken());
        }
        seeds.failures().forEach(System.out::println);
        return seeds.failed() == 0;
    }
}
