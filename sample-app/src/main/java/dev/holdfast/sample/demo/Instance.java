package dev.holdfast.sample.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One running instance of the sample, and what one can ask of it. */
final class Instance implements AutoCloseable {

    /** In the environment and not in the arguments, which all users of a machine see. */
    private static final String PASSWORD = "spring.datasource.password";

    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration ANSWER = Duration.ofMinutes(3);

    private final JsonMapper json = JsonMapper.shared();
    private final HttpClient http = HttpClient.newHttpClient();
    private final String name;
    private final URI address;
    private final List<String> command = new ArrayList<>();
    private final Map<String, String> environment;
    private final Path log;
    private ChildProcess process;

    /**
     * Starts an instance and does not wait for it.
     *
     * @param application how a JVM is told to run the sample: {@code -jar FILE}, or class path and main class
     * @param properties for Spring
     */
    Instance(String name, List<String> application, Map<String, String> properties, Path directory) {
        int port = FreePort.find(1).get(0);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(application);
        command.add("--server.port=" + port);
        command.add("--server.address=127.0.0.1");
        command.add("--sample.instance=" + name);
        properties.forEach((key, value) -> {
            if (!key.equals(PASSWORD)) {
                command.add("--" + key + "=" + value);
            }
        });
        this.environment = Map.of("SPRING_DATASOURCE_PASSWORD", properties.getOrDefault(PASSWORD, ""));
        this.name = name;
        this.address = URI.create("http://127.0.0.1:" + port);
        this.log = directory.resolve(name + ".log");
        this.process = new ChildProcess(command, environment, log);
    }

    String name() {
        return name;
    }

    URI address() {
        return address;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** After its end, at the same address. */
    Instance startAgain() {
        process.close();
        process = new ChildProcess(command, environment, log);
        return awaitReady();
    }

    Instance awaitReady() {
        Poll.until("instance " + name + " to start", START, () -> {
            process.ensureAlive();
            return health().map(answer -> answer.status() == 200).orElse(false);
        });
        return this;
    }

    /** Empty while nobody listens. */
    Optional<Answer> health() {
        try {
            return Optional.of(get("/actuator/health"));
        } catch (IOException notListening) {
            return Optional.empty();
        }
    }

    /** First value of a metric, over all its tags; 0 if it is not known yet. */
    double metric(String metric) throws IOException {
        return get("/actuator/metrics/" + metric)
                .body()
                .path("measurements")
                .path(0)
                .path("value")
                .asDouble(0);
    }

    long createEvent(String title, int seats) throws IOException {
        return post("/events", Map.of("title", title, "seats", seats, "price", 4000))
                .body()
                .path("id")
                .asLong();
    }

    JsonNode event(long id) throws IOException {
        return get("/events/" + id).body();
    }

    /** Who holds and who waits for a lock, of all processes. */
    JsonNode queue(String lock) throws IOException {
        return get("/actuator/locks/" + lock).body();
    }

    JsonNode settlements() throws IOException {
        return get("/settlements").body();
    }

    Answer book(long event, boolean locked, String customer) throws IOException {
        return post("/events/" + event + "/bookings?locked=" + locked, Map.of("customer", customer));
    }

    Answer bookSlowly(long event, String customer, Duration payment) throws IOException {
        return post(
                "/events/" + event + "/bookings", Map.of("customer", customer, "paymentMillis", payment.toMillis()));
    }

    /** SIGKILL. */
    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }

    private Answer get(String path) throws IOException {
        return send(HttpRequest.newBuilder(address.resolve(path)).GET());
    }

    private Answer post(String path, Object body) throws IOException {
        return send(HttpRequest.newBuilder(address.resolve(path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json.writeValueAsString(body))));
    }

    private Answer send(HttpRequest.Builder request) throws IOException {
        long start = System.nanoTime();
        try {
            HttpResponse<String> response =
                    http.send(request.timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString());
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            return new Answer(response.statusCode(), json.readTree(response.body()), took);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
