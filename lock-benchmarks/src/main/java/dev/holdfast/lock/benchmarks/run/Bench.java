package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.server.Server;
import dev.holdfast.lock.benchmarks.server.Servers;
import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import dev.holdfast.lock.benchmarks.worker.Assignment.Task;
import dev.holdfast.lock.benchmarks.worker.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;

/**
 * Measures the locks beside their peers, with servers and workers as processes of their own. Exit code 1: two held one lock, or
 * something could not be measured.
 */
public final class Bench {

    /** More of the processors' time taken by the hypervisor, and a measurement is made again. */
    private static final double QUIET_PERCENT = 5;

    private static final int MOST_ATTEMPTS = 3;

    /** In a whole run; some 3 minutes. */
    private static final int MOST_REPEATS = 80;

    private final ObjectMapper json = new ObjectMapper();
    private final Servers servers = new Servers();
    private final List<String> troubles = new ArrayList<>();
    private final Options options;
    private final Optional<Jdk> virtual;
    private final Plan plan;
    private final Field field;
    private final Map<SubjectKind, Team> teams = new EnumMap<>(SubjectKind.class);
    private @Nullable Crew crew;
    private int count;
    private int repeats;
    private volatile boolean ended;

    private Bench(Options options) {
        this.options = options;
        virtual = Jdk.withVirtualThreads(options.otherJdk().map(Jdk::at));
        plan = Plan.of(
                        options.warmUp().orElse(options.quick() ? Plans.QUICK_WARM_UP : Plans.FULL_WARM_UP),
                        options.quick() ? Plans.quick() : Plans.full(),
                        options.only(),
                        virtual.isPresent())
                .only(options.rounds(), options.subjects());
        field = new Field(json, plan.warmUp());
    }

    public static void main(String[] args) throws Exception {
        Options options;
        try {
            options = Options.parse(args);
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage());
            System.exit(64);
            return;
        }
        Bench bench = new Bench(options);
        Runtime.getRuntime().addShutdownHook(new Thread(bench::end, "end-processes"));
        System.exit(bench.run() ? 0 : 1);
    }

    private boolean run() throws InterruptedException, IOException {
        plan.leftOut().forEach((subject, why) -> say("not measured: %s (%s)", subject, why));
        if (virtual.isEmpty()) {
            say("not measured: virtual threads (no JDK of at least 21 was found)");
        }
        say(
                "%d measurements in %d lives of JVMs, about %s",
                plan.measurements().size(), plan.lives().size(), text(plan.expected()));
        if (options.planOnly()) {
            plan.lives().forEach(this::sayPlan);
            return true;
        }
        Files.createDirectories(options.directory());
        Environment.write(json, options.directory(), plan, options.quick(), virtual);
        Results results = new Results(json, options.directory());
        long begin = System.nanoTime();
        for (Life life : plan.lives()) {
            live(life, results);
        }
        endTeams();
        if (ended) {
            return false;
        }
        say("took %s", text(Duration.ofNanos(System.nanoTime() - begin)));
        troubles.forEach(trouble -> say("TROUBLE: %s", trouble));
        return troubles.isEmpty();
    }

    private void sayPlan(Life life) {
        say("%s, round %d", life.first().subject().label(), life.first().round());
        life.settings().forEach(each -> say("  %s", each.text()));
    }

    /** By the JVMs of the round before, if they go on. After a failure others go on with the rest. */
    private void live(Life life, Results results) throws InterruptedException {
        if (!life.crew().equals(crew) || !life.crew().stays()) {
            endTeams();
            crew = life.crew();
        }
        Deque<Measurement> open = new ArrayDeque<>(life.measurements());
        while (!open.isEmpty() && !ended) {
            if (life.first().setting().scenario() == Scenario.PROCESS_START) {
                measure(open.remove(), results, ProcessStart::measure);
                continue;
            }
            Server server = server(life, results);
            if (server == null) {
                count += open.size();
                return;
            }
            SubjectKind subject = life.first().subject();
            Team team = teams.computeIfAbsent(subject, absent -> field.start(life, server, jdk(life.first())));
            if (!measure(open.remove(), results, (each, address) -> team.measure(each))) {
                team.close();
                teams.remove(subject);
            }
        }
    }

    private void endTeams() {
        teams.values().forEach(Team::close);
        teams.clear();
    }

    /** Null if it cannot be had; that is told. */
    private @Nullable Server server(Life life, Results results) {
        try {
            return servers.get(life.first().server());
        } catch (RuntimeException failed) {
            failed(
                    life.first().text(),
                    life.first().server() + " for " + life.first().text(),
                    failed,
                    results);
            return null;
        }
    }

    /** One measurement by whatever can make it. */
    private interface Way {

        List<Outcome> measure(Measurement measurement, String address) throws InterruptedException;
    }

    private boolean measure(Measurement measurement, Results results, Way way) throws InterruptedException {
        long begin = System.nanoTime();
        String title = "[" + ++count + "/" + plan.measurements().size() + "] " + measurement.text();
        try {
            String address = servers.get(measurement.server()).address();
            Metrics metrics = quietest(measurement, address, way);
            results.add(measurement, jdk(measurement), metrics);
            if (metrics.violations() > 0) {
                troubles.add(measurement.text() + ": " + metrics.violations() + " times two held one lock");
            }
            say("%s  %s  (%.1f s)", title, metrics.text(), (System.nanoTime() - begin) / 1e9);
            return true;
        } catch (RuntimeException failed) {
            failed(measurement.text(), title, failed, results);
            return false;
        }
    }

    /** Of some attempts, if the machine is not quiet: the one of which the hypervisor took least. */
    private Metrics quietest(Measurement measurement, String address, Way way) throws InterruptedException {
        Metrics best = null;
        double least = Double.MAX_VALUE;
        for (int attempt = 1; ; attempt++) {
            StolenTime before = StolenTime.now();
            Metrics metrics = Metrics.of(measurement.setting(), way.measure(measurement, address));
            double stolen = StolenTime.now().percentSince(before);
            if (best == null || stolen < least) {
                best = metrics.with("stolenPercent", stolen);
                least = stolen;
            }
            if (metrics.violations() > 0) {
                return metrics;
            }
            if (least <= QUIET_PERCENT
                    || attempt == MOST_ATTEMPTS
                    || repeats == MOST_REPEATS
                    || measurement.setting().task() != Task.CYCLE) {
                return best;
            }
            repeats++;
        }
    }

    private void failed(String what, String title, RuntimeException failed, Results results) {
        if (!ended) {
            String why = String.valueOf(failed.getMessage());
            results.addFailure(what, why);
            troubles.add(what + ": " + why);
            say("%s  FAILED: %s", title, why);
        }
    }

    private Jdk jdk(Measurement measurement) {
        return measurement.setting().virtual() ? virtual.orElseThrow() : Jdk.running();
    }

    private void end() {
        ended = true;
        field.close();
        servers.close();
    }

    private static String text(Duration duration) {
        return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
