package dev.holdfast.lock.simulation;

import dev.holdfast.lock.engine.Weaving;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.LongFunction;

/** {@code ./dev soak}: worlds without end, or one of them with all that happens in it. */
public final class Soak {

    private static final long BLOCK = 20_000;

    private Soak() {}

    /**
     * {@code run SECONDS DIRECTORY}, {@code show SEED} or {@code show SEED preempted}. Exit code 1: a promise was broken.
     */
    public static void main(String[] arguments) throws Exception {
        QuietLogs.begin();
        boolean kept = arguments[0].equals("show")
                ? show(
                        Long.parseLong(arguments[1]),
                        arguments.length > 2 ? WovenLoader.simulation(Weaving.PREEMPTION) : Simulation::run)
                : run(Duration.ofSeconds(Long.parseLong(arguments[1])), Path.of(arguments[2]));
        System.exit(kept ? 0 : 1);
    }

    private static boolean show(long seed, LongFunction<Verdict> simulation) {
        Verdict verdict = simulation.apply(seed);
        System.out.print(verdict.text().get());
        return verdict.kept();
    }

    /** Blocks of ordinary worlds and of those with preempted threads in turn. */
    private static boolean run(Duration atMost, Path histories) throws Exception {
        Seeds ordinary = new Seeds(Simulation::run, histories);
        Seeds preempted = new Seeds(WovenLoader.simulation(Weaving.PREEMPTION), histories.resolve("preempted"));
        long first = new SecureRandom().nextLong() >>> 20;
        long started = System.nanoTime();
        Seeds seeds = ordinary;
        for (Duration left = atMost; left.toNanos() > 0; left = atMost.minusNanos(System.nanoTime() - started)) {
            seeds.run(first + seeds.count(), BLOCK, left);
            System.out.printf(
                    "%d worlds%s from seed %d on, %d events, %d s since start: %d broke promises %s%n",
                    seeds.count(),
                    seeds == preempted ? " with preempted threads" : "",
                    first,
                    seeds.events(),
                    (System.nanoTime() - started) / 1_000_000_000,
                    seeds.failed(),
                    seeds.broken());
            seeds = seeds == ordinary ? preempted : ordinary;
        }
        ordinary.failures().forEach(System.out::println);
        preempted.failures().forEach(System.out::println);
        return ordinary.failed() + preempted.failed() == 0;
    }
}
