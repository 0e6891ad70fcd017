package dev.holdfast.sample.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Two instances of the sample sell out an event without the lock and another with it; then the holder of the lock is killed. Exit code
 * 1 if a promise did not hold. Started by {@code ./dev demo}.
 */
public final class Demo {

    private static final Duration TTL = Duration.ofSeconds(5);

    /** Long enough to see who takes over. */
    private static final Duration UNTIL_STARTED_AGAIN = Duration.ofSeconds(12);

    private static final int CUSTOMERS_AT_ONCE = 16;
    private static final int SEATS = 40;
    private static final int BOOKINGS = 120;

    private final PrintStream out = System.out;
    private final List<String> application;
    private final Path directory;

    private Demo(Path jar) throws IOException {
        this.application = List.of("-jar", jar.toString());
        this.directory = Files.createTempDirectory("holdfast-demo-");
    }

    /** Arguments: the sample's jar, {@code etcd=BINARY} or {@code endpoints=URLS}, and {@code once} to end by itself. */
    public static void main(String[] args) throws Exception {
        List<String> options = List.of(args);
        Demo demo = new Demo(Path.of(options.get(0)).toAbsolutePath());
        boolean once = options.contains("once");
        System.exit(demo.run(options.get(1), once) ? 0 : 1);
    }

    private boolean run(String etcd, boolean once) throws Exception {
        out.println("Logs and data: " + directory);
        if (etcd.startsWith("endpoints=")) {
            return runOn(etcd.substring("endpoints=".length()), "the etcd you gave", once);
        }
        try (EtcdProcess process = new EtcdProcess(etcd.substring("etcd=".length()), directory)) {
            return runOn(process.endpoint(), "an etcd of its own", once);
        }
    }

    private boolean runOn(String endpoints, String whose, boolean once) throws Exception {
        out.println("etcd: " + endpoints + " (" + whose + ")");
        try (Database database = new Database(directory)) {
            return sell(endpoints, database, once);
        }
    }

    private boolean sell(String endpoints, Database database, boolean once) throws Exception {
        Map<String, String> properties = Map.of(
                "spring.datasource.url",
                database.url(),
                "spring.datasource.username",
                database.user(),
                "spring.datasource.password",
                database.password(),
                "holdfast.etcd.endpoints",
                endpoints,
                "sample.payment-time",
                "80ms",
                "sample.booking.ttl",
                TTL.toSeconds() + "s",
                "sample.settlement-schedule",
                "*/2 * * * * *",
                "sample.settlement-period",
                "2s",
                "sample.page.controls",
                String.valueOf(!once));
        try (Instance a = new Instance("a", application, properties, directory).awaitReady();
                Instance b = new Instance("b", application, properties, directory).awaitReady();
                Rush rush = new Rush(CUSTOMERS_AT_ONCE)) {
            out.println("instances: a " + a.address() + ", b " + b.address());
            out.println("page: " + b.address() + "/\n");
            Outcome without = rush(rush, List.of(a, b), false);
            Outcome with = rush(rush, List.of(a, b), true);
            Report report = new Report(without, with, takeOver(rush, a, b), Settlements.of(b.settlements()));
            report.print(out);
            if (!once) {
                leaveRunning(List.of(a, b));
            }
            return report.isAsPromised();
        }
    }

    private Outcome rush(Rush rush, List<Instance> instances, boolean locked) throws IOException, InterruptedException {
        long event = instances.get(0).createEvent(locked ? "Concert, with lock" : "Concert, without lock", SEATS);
        List<Answer> answers = Rush.answers(rush.start(instances, event, locked, BOOKINGS));
        return Outcome.of(answers, instances.get(0).event(event));
    }

    private TakeOver takeOver(Rush rush, Instance holder, Instance other) throws IOException, InterruptedException {
        long event = other.createEvent("Concert, holder killed", 10);
        return TakeOver.provoke(rush, holder, other, event, CUSTOMERS_AT_ONCE - 1, TTL);
    }

    private void leaveRunning(List<Instance> instances) throws InterruptedException {
        startAgain(instances);
        out.println("\nRunning until Ctrl-C; an instance that crashes is started again after "
                + UNTIL_STARTED_AGAIN.toSeconds() + " s. Look at it, and try the buttons:");
        instances.forEach(instance -> out.println("  " + instance.address() + "/"));
        while (true) {
            TimeUnit.MILLISECONDS.sleep(500);
            if (!instances.stream().allMatch(Instance::isAlive)) {
                TimeUnit.SECONDS.sleep(UNTIL_STARTED_AGAIN.toSeconds());
                startAgain(instances);
            }
        }
    }

    private void startAgain(List<Instance> instances) {
        for (Instance instance : instances) {
            if (!instance.isAlive()) {
                instance.startAgain();
            }
        }
    }
}
