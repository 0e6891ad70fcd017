package dev.holdfast.lock.benchmarks.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** What a member of etcd counts; all 0 if the server is not etcd. */
final class EtcdMetrics {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String uri;

    EtcdMetrics(String uri) {
        this.uri = uri;
    }

    boolean known() {
        return !uri.isEmpty();
    }

    /** Lease renewals received since the member started. */
    double renewals() {
        return sum("grpc_server_msg_received_total{grpc_method=\"LeaseKeepAlive\"");
    }

    double watchStreams() {
        return sum("etcd_debugging_mvcc_watch_stream_total");
    }

    double watchers() {
        return sum("etcd_debugging_mvcc_watcher_total");
    }

    private double sum(String start) {
        if (!known()) {
            return 0;
        }
        try {
            return HTTP.send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(start))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while asking etcd", interrupted);
        }
    }
}
