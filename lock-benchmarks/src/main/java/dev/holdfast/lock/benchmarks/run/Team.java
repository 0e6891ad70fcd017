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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The workers of one {@link Life}, and of those like it in later rounds: lets them go together and collects what they say. After a failure
 * it is of no more use.
 */
final class Team implements AutoCloseable {

    private static final Duration READY_LIMIT = Duration.ofSeconds(120);
    private static final Duration GRACE = Duration.ofSeconds(90);

    /** From the signal to the work, so that the last worker has read it when the first begins. */
    private static final Duration LEAD = Duration.ofMillis(50);

    private final Life life;
    private final Server server;
    private final WarmUp warmUp;
    private final String prefix;
    private final List<WorkerProcess> workers;
    private final Map<Setting.Use, Integer> warm = new EnumMap<>(Setting.Use.class);
    private int contended;

    /**
     * @param workers as many as the life wants
     * @param prefix of all names, so that nothing that an earlier life left behind is in the way
     */
    Team(Life life, Server server, WarmUp warmUp, String prefix, List<WorkerProcess> workers) {
        this.life = life;
        this.server = server;
        this.warmUp = warmUp;
        this.prefix = prefix;
        this.workers = List.copyOf(workers);
    }

    /** Warms up first if nothing of the kind was measured before. */
    List<Outcome> measure(Measurement measurement) throws InterruptedException {
        Setting setting = measurement.setting();
        if (WarmUp.needed(setting) && !warm.containsKey(setting.use())) {
            warm.put(setting.use(), warmUp(setting.use()));
        }
        return together(setting, names(setting));
    }

    /** Lets the workers end. */
    @Override
    public void close() {
        workers.parallelStream().forEach(WorkerProcess::close);
    }

    private int warmUp(Setting.Use use) throws InterruptedException {
        Setting step = WarmUp.step(
                life.settings().stream().filter(each -> each.use() == use).toList());
        String names = names(step);
        List<Long> cycles = new ArrayList<>();
        long begin = System.nanoTime();
        while (!warmUp.done(cycles, Duration.ofNanos(System.nanoTime() - begin))) {
            cycles.add(together(step, names).stream()
                    .flatMap(outcome -> outcome.cyclesByThread().stream())
                    .mapToLong(Long::longValue)
                    .sum());
        }
        return cycles.size();
    }

    /** Own names are free when a measurement has ended, so they are used again; who comes next to a contended one finds it new. */
    private String names(Setting setting) {
        return prefix + (setting.use() == Setting.Use.OWN ? "own-" : ++contended + "-");
    }

    private List<Outcome> together(Setting setting, String names) throws InterruptedException {
        Path exclusion = exclusionFile();
        try {
            for (int jvm = 0; jvm < workers.size(); jvm++) {
                workers.get(jvm).prepare(assignment(setting, jvm, names, exclusion));
            }
            for (WorkerProcess worker : workers) {
                worker.awaitReady(READY_LIMIT);
            }
            long begin = System.nanoTime() + LEAD.toNanos();
            workers.forEach(worker -> worker.begin(begin));
            Duration limit = setting.settling().plus(setting.window()).plus(GRACE);
            List<Outcome> outcomes = new ArrayList<>();
            for (WorkerProcess worker : workers) {
                outcomes.add(worker.awaitOutcome(limit));
            }
            return outcomes;
        } finally {
            exclusion.toFile().delete();
        }
    }

    private Assignment assignment(Setting setting, int jvm, String names, Path exclusion) {
        return new Assignment(
                setting.task(),
                life.first().subject().label(),
                server.address(),
                jvm == 0 ? server.pids() : List.of(),
                server.metrics(),
                jvm,
                setting.threads().get(jvm),
                setting.virtual(),
                setting.sessionPerThread(),
                names,
                setting.names(),
                setting.amount(),
                setting.settling().toMillis(),
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
