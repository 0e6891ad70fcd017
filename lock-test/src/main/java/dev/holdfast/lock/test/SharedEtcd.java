package dev.holdfast.lock.test;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds or starts the etcd of this JVM, once. */
final class SharedEtcd {

    static final String ENDPOINTS_VARIABLE = "HOLDFAST_ETCD_ENDPOINTS";

    private static @Nullable List<String> endpoints;
    private static @Nullable String failure;

    private SharedEtcd() {}

    static synchronized List<String> endpoints() {
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
        if (endpoints == null) {
            try {
                endpoints = find();
            } catch (RuntimeException | Error none) {
                // Each test fails with the same words, and none waits for Docker again.
                failure = String.valueOf(none.getMessage());
                throw none;
            }
        }
        return endpoints;
    }

    private static List<String> find() {
        String given = System.getenv(ENDPOINTS_VARIABLE);
        if (given != null && !given.isBlank()) {
            return Stream.of(given.split(",")).map(String::strip).toList();
        }
        if (EtcdServer.available()) {
            return List.of(EtcdServer.start().endpoint());
        }
        String noContainer;
        try {
            return List.of(EtcdContainer.start());
        } catch (NoClassDefFoundError missing) {
            noContainer = "Testcontainers is not on the class path";
        } catch (RuntimeException failed) {
            noContainer = "Testcontainers could not start one (" + failed.getMessage() + ")";
        }
        throw new IllegalStateException(
                "These tests need an etcd. " + ENDPOINTS_VARIABLE + " is not set, etcd is not on the PATH, and "
                        + noContainer + ". Do one of: set " + ENDPOINTS_VARIABLE
                        + "=http://host:2379; install etcd (Debian: apt-get install etcd-server etcd-client; macOS: brew install etcd; or"
                        + " https://github.com/etcd-io/etcd/releases); or start Docker with org.testcontainers:testcontainers on the class"
                        + " path, with HOLDFAST_ETCD_IMAGE if the image has another name");
    }
}
