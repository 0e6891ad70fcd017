package dev.holdfast.lock.spring.connection;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What is known of containers with etcd: the names of their images, and what their environment says. */
final class EtcdImage {

    /** Without registry and tag. */
    static final List<String> NAMES =
            List.of("etcd", "coreos/etcd", "etcd-development/etcd", "bitnami/etcd", "bitnamilegacy/etcd");

    /** Of Bitnami's images; with it they require a login. */
    private static final String ROOT_PASSWORD = "ETCD_ROOT_PASSWORD";

    private static final int CLIENT_PORT = 2379;

    private EtcdImage() {}

    static String endpoint(String host, Function<Integer, Integer> publishedPort, boolean tls) {
        return (tls ? "https://" : "http://") + host + ":" + publishedPort.apply(CLIENT_PORT);
    }

    static @Nullable String username(Map<String, @Nullable String> environment) {
        return password(environment) == null ? null : "root";
    }

    static @Nullable String password(Map<String, @Nullable String> environment) {
        String password = environment.get(ROOT_PASSWORD);
        return password == null || password.isEmpty() ? null : password;
    }
}
