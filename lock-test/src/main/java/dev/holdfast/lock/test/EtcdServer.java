package dev.holdfast.lock.test;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real etcd as a process of its own, alone or a member of an {@link EtcdCluster}, to be stopped, frozen and started again. Needs
 * {@code etcd} on the {@code PATH} unless told where else; data lives in a temporary directory, in the directory {@code
 * HOLDFAST_ETCD_DATA} if that is set, and goes with {@link #close()} or the JVM. Thread-safe.
 */
public final class EtcdServer implements AutoCloseable {

    private static final String DATA_VARIABLE = "HOLDFAST_ETCD_DATA";
    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration HEALTH_TIMEOUT = Duration.ofMillis(250);
    private static final long START = System.currentTimeMillis();
    private static final Set<EtcdServer> RUNNING = ConcurrentHashMap.newKeySet();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(HEALTH_TIMEOUT).build();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(EtcdServer::close), "etcd-server-close"));
    }

    private final Builder options;
    private final String name;
    private final Place place;
    private final Path directory;
    private int clientPort;
    private int peerPort;
    private int metricsPort;
    private String cluster = "";
    private @Nullable Process process;
    private boolean frozen;

    private EtcdServer(Builder options, String name, Place place) {
        this.options = options;
        this.name = name;
        this.place = place;
        try {
            directory = newDirectory();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        RUNNING.add(this);
    }

    private static Path newDirectory() throws IOException {
        String parent = System.getenv(DATA_VARIABLE);
        return parent == null || parent.isBlank()
                ? Files.createTempDirectory("holdfast-etcd")
                : Files.createTempDirectory(Files.createDirectories(Path.of(parent)), "holdfast-etcd");
    }

    /** Starts a plain server with defaults and returns when it is healthy. */
    public static EtcdServer start() {
        return builder().start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Whether {@link #start()} finds an etcd on the {@code PATH}. */
    public static boolean available() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator))
                .anyMatch(part -> Files.isExecutable(Path.of(part, "etcd")));
    }

    /**
     * Where a member lives.
     *
     * @param address it listens on, reachable for this JVM and the other members
     * @param launcher program and arguments that start it there, put before its own; must become the process they start
     */
    public record Place(String address, List<String> launcher) {

        public static final Place HERE = new Place("127.0.0.1", List.of());
    }

    /** How a server is started. Not thread-safe. */
    public static final class Builder {

        private final List<String> args = new ArrayList<>();
        private List<Place> places = List.of();
        private @Nullable Path programs;
        private @Nullable Path certificate;
        private @Nullable Path key;
        private @Nullable Path trustedCa;

        private Builder() {}

        /** Where {@code etcd} and {@code etcdctl} are; default: on the {@code PATH}. */
        public Builder programs(Path directory) {
            programs = directory;
            return this;
        }

        /** One for each member; default: all on loopback. */
        public Builder places(List<Place> places) {
            this.places = List.copyOf(places);
            return this;
        }

        /** More arguments of etcd. */
        public Builder args(String... more) {
            args.addAll(List.of(more));
            return this;
        }

        /**
         * Speaks TLS to clients.
         *
         * @param certificate of the server, PEM, for 127.0.0.1
         * @param key of the certificate, PEM
         * @param clientCa if not null, clients must show a certificate signed by it
         */
        public Builder tls(Path certificate, Path key, @Nullable Path clientCa) {
            this.certificate = certificate;
            this.key = key;
            this.trustedCa = clientCa;
            return this;
        }

        /** Starts the server and returns when it is healthy. */
        public EtcdServer start() {
            return startMembers(1).get(0);
        }

        private String program(String name) {
            return programs == null ? name : programs.resolve(name).toString();
        }

        /** Starts the members of one cluster and returns when all are healthy. */
        List<EtcdServer> startMembers(int count) {
            List<EtcdServer> members = IntStream.range(0, count)
                    .mapToObj(i -> new EtcdServer(this, "member-" + i, places.isEmpty() ? Place.HERE : places.get(i)))
                    .toList();
            try {
                startTogether(members);
            } catch (RuntimeException | Error failed) {
                members.forEach(EtcdServer::close);
                throw failed;
            }
            return members;
        }
    }

    /** Client URL, also while the server is down. */
    public String endpoint() {
        return (options.certificate == null ? "http" : "https") + "://" + place.address() + ":" + clientPort;
    }

    /** Where the server answers {@code /health} and {@code /metrics}, never with TLS. */
    public URI metricsUri() {
        return URI.create("http://" + place.address() + ":" + metricsPort);
    }

    /**
     * Switches authentication on: {@code root} with the password {@code rootpw}, and users who may do what locks need under {@code
     * locks/}.
     *
     * @param users each as {@code name:password}
     */
    public void enableAuth(String... users) {
        etcdctl("user", "add", "root:rootpw");
        etcdctl("user", "grant-role", "root", "root");
        etcdctl("role", "add", "locker");
        etcdctl("role", "grant-permission", "locker", "--prefix=true", "readwrite", "locks/");
        for (String user : users) {
            etcdctl("user", "add", user);
            etcdctl("user", "grant-role", user.substring(0, user.indexOf(':')), "locker");
        }
        etcdctl("auth", "enable");
    }

    /** The value of a metric without labels. */
    public double metric(String name) {
        String text = get("/metrics", Duration.ofSeconds(5));
        return text.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No metric " + name));
    }

    /** Of the running process. */
    public synchronized long pid() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("etcd is not running");
        }
        return running.pid();
    }

    /** The sum of a metric's values over all label sets that contain each of those texts, as {@code grpc_method="Txn"}. */
    public double metricSum(String name, String... labels) {
        return get("/metrics", Duration.ofSeconds(5))
                .lines()
                .filter(line -> line.startsWith(name + "{"))
                .filter(line -> Stream.of(labels).allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Stops the process as it stands; data stays. */
    public synchronized void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            running.onExit().join();
        }
        process = null;
        frozen = false;
    }

    /** Starts the process again on the same ports and data, and returns when it is healthy. */
    public synchronized void restart() {
        kill();
        launch();
        awaitHealthy();
    }

    /** SIGSTOP: connections stay open, nothing is answered. Returns when every thread of the server has stopped. */
    public synchronized void freeze() {
        signal("STOP");
        frozen = true;
        // The signal takes effect a moment later; until then a request could still be answered.
        await().pollInterval(Duration.ofMillis(2)).atMost(Duration.ofSeconds(5)).until(this::stopped);
    }

    /** SIGCONT. */
    public synchronized void thaw() {
        signal("CONT");
        frozen = false;
    }

    /** Lets the process run, if it was frozen, killed or ended by itself; does not wait for it. */
    synchronized void heal() {
        Process running = process;
        if (running == null || !running.isAlive()) {
            launch();
        } else if (frozen) {
            thaw();
        }
    }

    /** Runs etcdctl on this server and returns what it printed; fails if etcdctl does. */
    public String etcdctl(String... args) {
        return run(etcdctlProcess(args));
    }

    /**
     * etcdctl on this server, for the caller to start: what goes on until it is ended, such as {@code watch} and {@code lock}. The variables
     * of this process that are meant for etcd and etcdctl are not among its own.
     */
    public ProcessBuilder etcdctlProcess(String... args) {
        List<String> command = new ArrayList<>(List.of(options.program("etcdctl"), "--endpoints", endpoint()));
        command.addAll(List.of(args));
        return EtcdPrograms.process(command);
    }

    /** Kills the process and deletes its data. Idempotent. */
    @Override
    public synchronized void close() {
        kill();
        if (RUNNING.remove(this)) {
            delete(directory);
        }
    }

    private static void startTogether(List<EtcdServer> members) {
        for (int attempt = 1; ; attempt++) {
            reservePorts(members);
            members.forEach(EtcdServer::launch);
            try {
                members.forEach(EtcdServer::awaitHealthy);
                return;
            } catch (IllegalStateException failed) {
                members.forEach(EtcdServer::kill);
                // Somebody may have taken a port between our look and etcd's bind.
                if (attempt == 3
                        || members.stream().noneMatch(each -> each.log().contains("address already in use"))) {
                    throw failed;
                }
                members.forEach(member -> delete(member.dataDirectory()));
            }
        }
    }

    private static void reservePorts(List<EtcdServer> members) {
        List<ServerSocket> reserved = new ArrayList<>();
        try {
            for (EtcdServer member : members) {
                member.clientPort = anyPort(reserved);
                member.peerPort = anyPort(reserved);
                member.metricsPort = anyPort(reserved);
            }
            for (ServerSocket each : reserved) {
                each.close();
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        String cluster =
                members.stream().map(each -> each.name + "=" + each.peerUrl()).collect(Collectors.joining(","));
        members.forEach(member -> member.cluster = cluster);
    }

    private static int anyPort(List<ServerSocket> reserved) {
        ServerSocket any = ListeningPort.open();
        reserved.add(any);
        return any.getLocalPort();
    }

    private String peerUrl() {
        return "http://" + place.address() + ":" + peerPort;
    }

    private synchronized void launch() {
        List<String> command = new ArrayList<>(place.launcher());
        command.addAll(List.of(
                options.program("etcd"),
                "--name=" + name,
                "--data-dir=" + dataDirectory(),
                "--listen-client-urls=" + endpoint(),
                "--advertise-client-urls=" + endpoint(),
                "--listen-peer-urls=" + peerUrl(),
                "--initial-advertise-peer-urls=" + peerUrl(),
                "--initial-cluster=" + cluster,
                // Clusters of other tests, on ports used before, are others.
                "--initial-cluster-token=" + cluster + "," + START,
                "--listen-metrics-urls=" + metricsUri(),
                "--logger=zap",
                "--log-level=warn"));
        if (options.certificate != null) {
            command.add("--cert-file=" + options.certificate);
            command.add("--key-file=" + options.key);
        }
        if (options.trustedCa != null) {
            command.add("--client-cert-auth=true");
            command.add("--trusted-ca-file=" + options.trustedCa);
        }
        command.addAll(options.args);
        try {
            process = EtcdPrograms.process(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.to(logFile().toFile()))
                    .start();
        } catch (IOException failed) {
            throw new IllegalStateException("etcd did not start; is it on the PATH? " + failed.getMessage(), failed);
        }
    }

    synchronized void awaitHealthy() {
        Process starting = process;
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (starting != null && System.nanoTime() - deadline < 0) {
            try {
                if (get("/health", HEALTH_TIMEOUT).contains("true")) {
                    return;
                }
            } catch (UncheckedIOException notYet) {
                // asked again below
            }
            if (exited(starting, Duration.ofMillis(25))) {
                throw new IllegalStateException("etcd ended at once: " + log());
            }
        }
        throw new IllegalStateException("etcd was not healthy within " + START_TIMEOUT + ": " + log());
    }

    private static boolean exited(Process process, Duration wait) {
        try {
            return process.waitFor(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for etcd", interrupted);
        }
    }

    private String get(String path, Duration timeout) {
        HttpRequest request = HttpRequest.newBuilder(metricsUri().resolve(path))
                .timeout(timeout)
                .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while asking etcd", interrupted);
        }
    }

    /** Whether it answers and leads its cluster. */
    boolean leads() {
        try {
            return get("/metrics", HEALTH_TIMEOUT).lines().anyMatch("etcd_server_is_leader 1"::equals);
        } catch (UncheckedIOException noAnswer) {
            return false;
        }
    }

    private boolean stopped() {
        Process running = process;
        Path tasks = Path.of("/proc/" + (running == null ? 0 : running.pid()) + "/task");
        if (!Files.isDirectory(tasks)) {
            return true; // not Linux: nothing to look at
        }
        try (Stream<Path> threads = Files.list(tasks)) {
            return threads.allMatch(EtcdServer::threadStopped);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static boolean threadStopped(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            // "pid (name) state ...", and the name may hold anything.
            return stat.startsWith("T", stat.lastIndexOf(')') + 2);
        } catch (IOException ended) {
            return true;
        }
    }

    private void signal(String signal) {
        // A shell has it built in; as a program it is not on every machine.
        run(new ProcessBuilder("sh", "-c", "kill -s \"$0\" -- \"$1\"", signal, Long.toString(pid())));
    }

    private static String run(ProcessBuilder builder) {
        try {
            Process running = builder.redirectErrorStream(true).start();
            running.getOutputStream().close();
            String output =
                    new String(running.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            int code = running.waitFor();
            if (code != 0) {
                throw new IllegalStateException(
                        String.join(" ", builder.command()) + " ended with " + code + ": " + output);
            }
            return output;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", interrupted);
        }
    }

    private Path dataDirectory() {
        return directory.resolve("data");
    }

    private Path logFile() {
        return directory.resolve("etcd.log");
    }

    private String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException none) {
            return "(no log: " + none.getMessage() + ")";
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException left) {
            // a temporary directory that stays behind harms nobody
        }
    }
}
