package dev.holdfast.lock.simulation;

import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.engine.Remains;
import dev.holdfast.lock.history.Allowances;
import dev.holdfast.lock.history.Event;
import dev.holdfast.lock.history.History;
import dev.holdfast.lock.history.Oracle;
import dev.holdfast.lock.history.Violation;
import dev.holdfast.lock.store.KeyValue;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One seed's world, from its beginning through its faults to its clean end. */
public final class Simulation {

    /** How long calls may still run after heal: the longest wait and the longest hold of a user, one after the other for each of them. */
    private static final Duration LONGEST_END = Duration.ofMinutes(11);

    /** In one second, of four users and three names: more than ever happened in 20,000 worlds, and less than any storm. */
    private static final int MOST_REQUESTS = 80;

    /** And for each call of the busiest second. */
    private static final int REQUESTS_OF_A_CALL = 8;

    /** How long clean-ups may run on when nobody asks for anything: a request, its repetition, and an end told. */
    private static final Duration SETTLING = Duration.ofSeconds(10);

    private final World world;
    private final Plan plan;
    private final Cluster cluster;
    private final Store store;
    private final Population population;
    private final Chaos chaos;
    private long healedAt;

    private Simulation(long seed) {
        this.world = new World(seed);
        this.plan = Plan.draw(world.random());
        this.cluster = new Cluster(world, plan.members());
        this.population = new Population(world, plan, cluster, new Resource(world));
        this.store = new Store(world, cluster, this::entryChanged);
        this.chaos = new Chaos(world, plan, cluster, store, population);
    }

    /** Runs the world of that seed; the same seed gives the same result, on any machine. */
    public static Verdict run(long seed) {
        Simulation simulation = new Simulation(seed);
        simulation.live();
        Allowances allowed = Allowances.forTtl(simulation.plan.ttl())
                .withExact(true)
                .withLosses(!simulation.plan.harmless())
                .withPrompt(simulation.plan.promptness())
                .withSteadyClocks(simulation.plan.steadyClocks())
                .withHandOver(simulation.plan.handOver())
                .withCloseTime(Jvm.CLOSE_TIMEOUT.plusMillis(100));
        History history = simulation.world.history();
        List<Violation> violations = Oracle.judge(history, allowed);
        return new Verdict(
                seed,
                violations.stream()
                        .map(violation -> violation.promise().name())
                        .distinct()
                        .toList(),
                violations.isEmpty() ? "" : violations.get(0).toString(),
                history.events().size(),
                () -> text(seed, simulation.plan, history, violations));
    }

    private static String text(long seed, Plan plan, History history, List<Violation> violations) {
        StringBuilder text = new StringBuilder("seed " + seed + "\n" + plan + "\n" + history + "\n");
        violations.forEach(violation -> text.append("BROKEN ").append(violation).append('\n'));
        return text.append(violations.isEmpty() ? "all promises kept\n" : "").toString();
    }

    private void live() {
        chaos.start();
        world.runUntil(world.now() + plan.chaos().toNanos());
        population.quieten();
        chaos.heal();
        healedAt = world.now();
        if (world.runUntil(population::idle, LONGEST_END)) {
            checkNoGhosts();
            probe();
        }
        close();
        checkNothingLeft();
    }

    /** What changes in the store is the moment to ask all who think that they hold. */
    private void entryChanged(String name) {
        for (Jvm jvm : population.alive()) {
            jvm.ask(name);
        }
    }

    /** Once everything late has come, nothing stands in the store for a session that lives but has no call. */
    private void checkNoGhosts() {
        world.runUntil(Math.max(world.now(), healedAt + Link.LATEST.toNanos()) + 200_000_000);
        // A network that repeats can make them at any time; the second audit that sees them removes them.
        Duration patience =
                plan.faults().contains(Fault.REPEATED_REQUESTS) ? plan.ttl().plus(plan.ttl()) : Duration.ZERO;
        world.runUntil(() -> ghosts().isEmpty(), patience);
        ghosts().forEach(entry -> leftOver("an entry that nobody asked for: " + entry));
        for (Jvm jvm : population.alive()) {
            if (jvm.open()) {
                world.runUntil(() -> settled(jvm), SETTLING);
                if (!settled(jvm)) {
                    leftOver(jvm.machine().name() + " is busy without a call: "
                            + jvm.engine().status() + ", " + Remains.of(jvm.engine()));
                }
            }
        }
    }

    private List<KeyValue> ghosts() {
        Set<Long> leases = new HashSet<>();
        for (Jvm jvm : population.alive()) {
            jvm.engine().status().sessions().forEach(session -> leases.add(Long.parseLong(session.lease(), 16)));
        }
        return store.entries().stream()
                .filter(entry -> leases.contains(entry.leaseId()))
                .toList();
    }

    /** Nothing is left but the one session that is shared. */
    private static boolean settled(Jvm jvm) {
        RegistryStatus status = jvm.engine().status();
        return status.held() == 0
                && status.waiting() == 0
                && status.sessions().size() <= 1
                && Remains.of(jvm.engine()).isEmpty();
    }

    /** Everybody can have every name again. */
    private void probe() {
        if (plan.disagreement()) {
            // What a dead process wanted its names for stands in the way of others until its lease ends.
            world.runUntil(() -> store.entries().isEmpty(), plan.recovery());
        }
        for (Jvm jvm : population.alive()) {
            User user = population.users(jvm).get(0);
            for (String name : plan.names()) {
                if (jvm.open()) {
                    user.probe(name);
                    world.runUntil(() -> !user.busy(), plan.recovery().plusSeconds(1));
                }
            }
        }
        world.runUntil(() -> store.entries().isEmpty(), plan.recovery());
        store.entries().forEach(entry -> leftOver("an entry after everybody gave back: " + entry));
    }

    private void close() {
        Map<Jvm, List<RegistryStatus.Session>> sessions = new LinkedHashMap<>();
        for (Jvm jvm : population.alive()) {
            if (jvm.open() && !jvm.link().credentialsExpired()) {
                sessions.put(jvm, jvm.engine().status().sessions());
            }
        }
        population.alive().forEach(Jvm::close);
        world.runUntil(
                () -> population.everyJvm().stream()
                        .allMatch(jvm -> jvm.closed() || jvm.machine().dead()),
                Jvm.CLOSE_TIMEOUT.plusSeconds(5));
        for (Jvm jvm : population.everyJvm()) {
            if (!jvm.machine().dead()) {
                checkClosed(jvm);
            }
        }
        // Nothing was wrong with the network when they were closed.
        sessions.values().stream()
                .flatMap(List::stream)
                .filter(session -> store.lives(Long.parseLong(session.lease(), 16)))
                .forEach(session -> leftOver("a lease that close did not revoke: " + session));
    }

    private void checkClosed(Jvm jvm) {
        if (jvm.link().watches() != 0) {
            leftOver(jvm.link().watches() + " watches of " + jvm.machine().name());
        }
        if (jvm.engine().status().held() != 0 || jvm.engine().status().waiting() != 0) {
            leftOver("holds or waits of " + jvm.machine().name() + ": "
                    + jvm.engine().status());
        }
    }

    private void checkNothingLeft() {
        // What is on its way arrives, and what nobody renews ends.
        world.runUntil(
                world.now() + Link.LATEST.plus(plan.ttl().multipliedBy(3)).toNanos());
        store.ours().forEach(key -> leftOver("a key after close: " + key));
        if (cluster.state().leases() != 0) {
            leftOver(cluster.state().leases() + " leases after close");
        }
        for (Jvm jvm : population.everyJvm()) {
            if (jvm.link().mostInOneSecond() > MOST_REQUESTS + REQUESTS_OF_A_CALL * jvm.mostCallsInOneSecond()) {
                jvm.record(Event.Kind.STORM, "", 0, jvm.link().mostInOneSecond(), "");
            }
            if (!jvm.machine().dead() && jvm.machine().timers() != 0) {
                leftOver(jvm.machine().timers() + " timers of " + jvm.machine().name());
            }
            if (!jvm.machine().dead() && jvm.toldOfRequests() != 0) {
                leftOver(jvm.toldOfRequests() + " requests of whose end listeners never heard, "
                        + jvm.machine().name());
            }
            if (!jvm.machine().dead()) {
                jvm.halfLost().forEach(handle -> leftOver("an end that its future does not tell: " + handle));
            }
            jvm.machine().end();
        }
    }

    private void leftOver(String what) {
        world.record(Cluster.PROCESS, Event.Kind.LEFT_OVER, "", 0, 0, what);
    }
}
