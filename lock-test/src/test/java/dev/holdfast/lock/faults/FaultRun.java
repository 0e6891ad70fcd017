package dev.holdfast.lock.faults;

import dev.holdfast.lock.history.History;
import dev.holdfast.lock.history.Oracle;
import dev.holdfast.lock.history.Promise;
import dev.holdfast.lock.history.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a scenario from the start of etcd to the verdict. */
final class FaultRun {

    private static final Logger log = LoggerFactory.getLogger(FaultRun.class);
    private static final int ATTEMPTS = 3;
    private static final Path TARGET = Path.of("target", "faults");

    private final Scenario scenario;
    private final Etcd etcd;
    private final long seed;
    private final Duration quiet;
    private final Path directory;

    /** @param quiet how long locks are used after the heal */
    FaultRun(Scenario scenario, Etcd etcd, long seed, Duration quiet) {
        this.scenario = scenario;
        this.etcd = etcd;
        this.seed = seed;
        this.quiet = quiet;
        String name = scenario.toString().replaceAll("[^A-Za-z0-9]+", "-") + "-" + etcd + "-" + Long.toHexString(seed);
        this.directory = TARGET.resolve(name);
    }

    /**
     * What a run showed.
     *
     * @param violations of what the scenario demands on this etcd
     */
    record Verdict(Outcome outcome, List<Violation> violations, History history) {}

    /**
     * Fails if a promise is broken; its history is kept then. A run that shows only that the machine was overloaded is repeated, with
     * another seed, and still fails if that does not help.
     *
     * @param report told of the run that counts, also if it fails
     */
    static Verdict mustHold(Scenario scenario, Etcd etcd, Duration quiet, Consumer<Outcome> report) {
        for (int attempt = 1; ; attempt++) {
            FaultRun run = new FaultRun(scenario, etcd, new Random().nextLong(), quiet);
            Verdict verdict = run.run();
            if (verdict.violations().isEmpty()) {
                run.forget();
                report.accept(verdict.outcome());
                return verdict;
            }
            if (attempt == ATTEMPTS || !Overload.explains(verdict.violations(), verdict.history())) {
                report.accept(verdict.outcome());
                throw new AssertionError(run.describe(verdict));
            }
            log.warn("Repeated, since the machine stalled: {}", run.describe(verdict));
        }
    }

    Verdict run() {
        try (Rig rig = new Rig(scenario.setup(), etcd, directory, seed)) {
            rig.warmUp();
            rig.strike(scenario.nemesis());
            rig.recover(quiet);
            rig.shutDown(Rig.TTL.plusSeconds(3));
            String version = rig.members().version();
            History history = rig.history();
            Files.writeString(directory.resolve("history.txt"), history.toString());
            List<Violation> strict = Oracle.judge(history, scenario.strict());
            List<Violation> violations = new ArrayList<>(Oracle.judge(history, scenario.allowances(version)));
            violations.addAll(scenario.demand().notMet(history));
            if (rig.lostUpdates() != 0) {
                violations.add(new Violation(Promise.FENCING, rig.lostUpdates() + " writes were lost"));
            }
            return new Verdict(Outcome.of(scenario, version, history, strict, rig.lostUpdates()), violations, history);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private String describe(Verdict verdict) {
        return scenario + " on etcd " + verdict.outcome().version() + " (seed " + seed + ") breaks:\n"
                + verdict.violations().stream()
                        .limit(10)
                        .map(Violation::toString)
                        .collect(Collectors.joining("\n"))
                + "\n" + Math.max(0, verdict.violations().size() - 10) + " more; history and logs: "
                + directory.toAbsolutePath();
    }

    /** Deletes the files of a run. */
    void forget() {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
