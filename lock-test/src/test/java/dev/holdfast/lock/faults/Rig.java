package dev.holdfast.lock.faults;

import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.holdfast.lock.history.Event.Kind;
import dev.holdfast.lock.history.History;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.TcpLink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/** One etcd, the workers that lock on it, what they lock, and those who watch. Not thread-safe. */
final class Rig implements AutoCloseable {

    static final Duration TTL = Duration.ofSeconds(6);

    /** Kept by one worker each, and wanted by the other. */
    static final List<String> KEPT = List.of("kept-0", "kept-1");

    /** Wanted by all for a moment. */
    static final List<String> NAMES = List.of("red", "green", "blue");

    static final String SEMAPHORE = "permits";
    static final String PAIR = "prices";

    /** As reliability.md says: a TTL, two elections, a poll and five seconds. */
    static final Duration PROBE_LIMIT =
            TTL.plus(Members.electionTimeout().multipliedBy(2)).plusSeconds(2 + 5);

    private static final String PASSWORD = "worker-secret";
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(15);

    private final Setup setup;
    private final Path directory;
    private final Random random;
    private final EventLog log;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Members members;
    private final ResourceServer resource;
    private final StoreObserver observer;
    private final List<WorkerProcess> workers = new ArrayList<>();
    private final Map<WorkerProcess, List<TcpLink>> links = new HashMap<>();
    private final Path clock;
    private @Nullable Networks networks;
    private int started;

    /** Starts everything; workers begin at once. */
    Rig(Setup setup, Etcd etcd, Path directory, long seed) {
        this.setup = setup;
        this.directory = directory;
        this.random = new Random(seed);
        this.clock = directory.resolve("clock").toAbsolutePath();
        try {
            Files.createDirectories(directory);
            Files.writeString(clock, "+0s\n");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        log = closing(new EventLog("rig", directory.resolve("rig.events")));
        try {
            members = closing(startMembers(etcd));
            resource = closing(new ResourceServer(log));
            if (setup.passwords()) {
                members.requirePasswords(PASSWORD);
            }
            observer = closing(new StoreObserver(members, log));
            for (int i = 0; i < setup.crew().workers(); i++) {
                startWorker();
            }
            workers.forEach(WorkerProcess::awaitStarted);
        } catch (RuntimeException | Error failed) {
            close();
            throw failed;
        }
    }

    private Members startMembers(Etcd etcd) {
        EtcdServer.Builder builder = etcd.server().args(setup.etcdArgs().toArray(String[]::new));
        if (setup.networks()) {
            networks = closing(new Networks());
            builder.places(networks.places());
        }
        return Members.start(setup.members(), builder);
    }

    private <T extends AutoCloseable> T closing(T opened) {
        open.add(opened);
        return opened;
    }

    /** One more; also while etcd is down. */
    WorkerProcess startWorker() {
        int number = started++;
        List<String> endpoints = members.endpoints();
        List<TcpLink> own = List.of();
        if (setup.links()) {
            own = endpoints.stream().map(TcpLink::to).toList();
            own.forEach(this::closing);
            endpoints = own.stream().map(TcpLink::endpoint).toList();
        }
        WorkerOptions options = new WorkerOptions(
                "worker-" + number,
                1 + number * 1_000_000_000L,
                endpoints,
                setup.passwords() ? PASSWORD : "",
                resource.port(),
                directory
                        .resolve("worker-" + number + ".events")
                        .toAbsolutePath()
                        .toString(),
                TTL.toSeconds(),
                KEPT.get(number % 2),
                KEPT.get((number + 1) % 2),
                setup.crew().names(),
                List.of(SEMAPHORE),
                List.of(PAIR),
                setup.crew().habits(number),
                random.nextLong(),
                setup.careless() && number == 0);
        WorkerProcess worker =
                closing(new WorkerProcess(options, log, setup.fakedClock() ? FakedClock.environment(clock) : Map.of()));
        workers.add(worker);
        links.put(worker, own);
        return worker;
    }

    Random random() {
        return random;
    }

    Members members() {
        return members;
    }

    Networks networks() {
        return Objects.requireNonNull(networks, "The setup has no networks");
    }

    StoreObserver observer() {
        return observer;
    }

    EventLog log() {
        return log;
    }

    Path clock() {
        return clock;
    }

    /** Those that run. */
    List<WorkerProcess> workers() {
        return workers.stream().filter(worker -> !worker.killed()).toList();
    }

    WorkerProcess anyWorker() {
        return workers().get(random.nextInt(workers().size()));
    }

    /** Between that worker and each member. */
    List<TcpLink> links(WorkerProcess worker) {
        return links.getOrDefault(worker, List.of());
    }

    static void pause(Duration duration) {
        await().pollDelay(duration).atMost(duration.plusSeconds(10)).until(() -> true);
    }

    /** Whether the name is used for exclusive locks only. */
    boolean exclusive(String name) {
        return !name.equals(SEMAPHORE) && !name.equals(PAIR);
    }

    /** Any moment within that time, so that a fault meets every phase of renewals. */
    void randomMoment(Duration within) {
        pause(Duration.ofMillis(1 + random.nextInt((int) within.toMillis())));
    }

    /** Returns when the locks have been used for a while. */
    void warmUp() {
        long goal = resource.writes() + 100;
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(60))
                .until(() -> resource.writes() >= goal);
    }

    void strike(Nemesis nemesis) {
        log.write(Kind.FAULT, nemesis.toString());
        nemesis.strike(this);
        log.write(Kind.HEALED, "");
    }

    /** Lets the workers go on for a while, then stops them, and has each get every lock. */
    void recover(Duration quiet) {
        pause(quiet);
        Duration longestWait = Duration.ofSeconds(30);
        all("stop", longestWait);
        all(
                "probe " + PROBE_LIMIT.toMillis(),
                PROBE_LIMIT.multipliedBy(setup.crew().names().size() + KEPT.size() + 1));
    }

    /** Closes all registries, and looks for what they left. */
    void shutDown(Duration limit) {
        all("close", CLOSE_LIMIT);
        for (WorkerProcess worker : workers()) {
            if (!worker.endedWithin(Duration.ofSeconds(10))) {
                log.write(Kind.LEFT_OVER, worker.name() + " did not end after its registry was closed");
            }
        }
        try {
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(200))
                    .atMost(limit)
                    .until(() -> leftOvers().isEmpty());
        } catch (ConditionTimeoutException left) {
            leftOvers().forEach(each -> log.write(Kind.LEFT_OVER, each));
        }
        observer.catchUp();
    }

    private void all(String command, Duration limit) {
        workers().forEach(worker -> worker.tell(command));
        String word = command.split(" ")[0];
        workers().forEach(worker -> worker.await(word, limit));
    }

    /** Keys and leases. */
    private List<String> leftOvers() {
        List<String> left = new ArrayList<>();
        members.etcdctl("get", "--prefix", "--keys-only", "locks/")
                .lines()
                .filter(line -> !line.isBlank())
                .forEach(key -> left.add("key " + key));
        JsonElement leases = JsonParser.parseString(members.etcdctl("lease", "list", "-w", "json"))
                .getAsJsonObject()
                .get("leases");
        if (leases != null && !leases.isJsonNull()) {
            leases.getAsJsonArray()
                    .forEach(lease -> left.add("lease "
                            + Long.toHexString(lease.getAsJsonObject().get("id").getAsLong())));
        }
        return left;
    }

    long lostUpdates() {
        return resource.lostUpdates();
    }

    /** What everybody wrote down. */
    History history() {
        List<Path> files = Stream.concat(
                        Stream.of(directory.resolve("rig.events")),
                        workers.stream().map(WorkerProcess::events))
                .toList();
        try {
            return History.read(files);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        for (int i = open.size() - 1; i >= 0; i--) {
            try {
                open.get(i).close();
            } catch (Exception failed) {
                // the rest must be closed too
            }
        }
    }
}
