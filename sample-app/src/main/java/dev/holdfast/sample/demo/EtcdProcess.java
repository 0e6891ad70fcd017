package dev.holdfast.sample.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An etcd of one member, for as long as the demo runs. */
final class EtcdProcess implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final String endpoint;
    private final ChildProcess process;

    EtcdProcess(String binary, Path directory) {
        List<Integer> ports = FreePort.find(2);
        String peer = "http://127.0.0.1:" + ports.get(1);
        this.endpoint = "http://127.0.0.1:" + ports.get(0);
        this.process = new ChildProcess(
                List.of(
                        binary,
                        "--name=demo",
                        "--data-dir=" + directory.resolve("etcd"),
                        "--listen-client-urls=" + endpoint,
                        "--advertise-client-urls=" + endpoint,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=demo=" + peer,
                        "--logger=zap",
                        "--log-level=warn"),
                directory.resolve("etcd.log"));
        Poll.until("etcd to start", Duration.ofSeconds(30), this::isHealthy);
    }

    String endpoint() {
        return endpoint;
    }

    private boolean isHealthy() {
        process.ensureAlive();
        HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint + "/health"))
                .timeout(Duration.ofMillis(500))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .contains("true");
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
