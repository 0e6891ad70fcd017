package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.server.Server;
import dev.holdfast.lock.benchmarks.server.Servers;
import dev.holdfast.lock.benchmarks.worker.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.ObjectMapper;

/**
 * Measures the locks beside their peers, with servers and workers as processes of their own. Exit code 1: two held one lock, or
 * something could not be measured.
 */
public final class Bench {

    private final ObjectMapper json = new ObjectMapper();
    private final Servers servers = new Servers();
    private final Field field = new Field(json);
    private final List<String> troubles = new ArrayList<>();
    private final Options options;
    private final Optional<Jdk> virtual;
    private final Plan plan;
    private volatile boolean ended;

    private Bench(Options options) {
        this.options = options;
        virtual = Jdk.withVirtualThreads(options.otherJdk().map(Jdk::at));
        plan = Plan.of(options.quick() ? Plans.quick() : Plans.full(), options.only(), virtual.isPresent())
                .only(options.rounds(), options.subjects());
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
        say("%d measurements, about %s", plan.measurements().size(), text(plan.expected()));
        if (options.planOnly()) {
            plan.measurements().forEach(each -> say("  %s, round %d", each.text(), each.round()));
            return true;
        }
        Files.createDirectories(options.directory());
        Environment.write(json, options.directory(), plan, options.quick(), virtual);
        Results results = new Results(json, options.directory());
        long begin = System.nanoTime();
        int count = 0;
        for (Measurement measurement : plan.measurements()) {
            if (ended) {
                return false;
            }
            count++;
            measure(
                    measurement,
                    results,
                    "[" + count + "/" + plan.measurements().size() + "] " + measurement.text());
        }
        say("took %s", text(Duration.ofNanos(System.nanoTime() - begin)));
        troubles.forEach(trouble -> say("TROUBLE: %s", trouble));
        return troubles.isEmpty();
    }

    private void measure(Measurement measurement, Results results, String title) throws InterruptedException {
        long begin = System.nanoTime();
        try {
            Jdk jdk = measurement.setting().virtual() ? virtual.orElseThrow() : Jdk.running();
            Server server = servers.get(measurement.server());
            List<Outcome> outcomes = measurement.setting().scenario() == Scenario.PROCESS_START
                    ? ProcessStart.measure(measurement, server.address())
                    : field.measure(measurement, server, jdk);
            Metrics metrics = Metrics.of(measurement.setting(), outcomes);
            results.add(measurement, jdk, metrics);
            if (metrics.violations() > 0) {
                troubles.add(measurement.text() + ": " + metrics.violations() + " times two held one lock");
            }
            say("%s  %s  (%.1f s)", title, metrics.text(), (System.nanoTime() - begin) / 1e9);
        } catch (RuntimeException failed) {
            if (ended) {
                return;
            }
            String why = String.valueOf(failed.getMessage());
            troubles.add(measurement.text() + ": " + why);
            say("%s  FAILED: %s", title, why);
        }
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
