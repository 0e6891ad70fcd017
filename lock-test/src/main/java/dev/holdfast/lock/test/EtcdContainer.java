package dev.holdfast.lock.test;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * An etcd in a container: of the image that the system property {@code holdfast.etcd.image} or the variable {@code HOLDFAST_ETCD_IMAGE}
 * names, else {@code gcr.io/etcd-development/etcd}. The only class here that needs Testcontainers.
 */
public final class EtcdContainer {

    private static final String DEFAULT_IMAGE = "gcr.io/etcd-development/etcd:v3.5.16";
    private static final int PORT = 2379;
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private EtcdContainer() {}

    /**
     * One member without TLS and passwords, not started, with port 2379 exposed. For {@code @ServiceConnection("etcd")} or {@code
     * @Container}; started, it is ready when it is healthy.
     */
    public static GenericContainer<?> create() {
        return new GenericContainer<>(DockerImageName.parse(image()))
                .withExposedPorts(PORT)
                .withCommand(
                        "etcd",
                        "--listen-client-urls=http://0.0.0.0:" + PORT,
                        "--advertise-client-urls=http://0.0.0.0:" + PORT)
                .waitingFor(Wait.forHttp("/health").forPort(PORT).forResponsePredicate(body -> body.contains("true")));
    }

    /** Starts a container that ends with the JVM, and returns its client URL. */
    static String start() {
        GenericContainer<?> container = create();
        // Testcontainers' own reaper may be switched off.
        Runtime.getRuntime().addShutdownHook(new Thread(container::stop, "etcd-container-stop"));
        start(container);
        return "http://" + container.getHost() + ":" + container.getMappedPort(PORT);
    }

    /** Without a registry in reach Testcontainers tries to pull for many minutes; the tests should fail before that. */
    private static void start(GenericContainer<?> container) {
        CompletableFuture<String> started = new CompletableFuture<>();
        Thread starting = new Thread(
                () -> {
                    try {
                        container.start();
                        started.complete(container.getContainerId());
                    } catch (RuntimeException | Error failed) {
                        started.completeExceptionally(failed);
                    }
                },
                "etcd-container-start");
        starting.setDaemon(true);
        starting.start();
        try {
            started.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new IllegalStateException(
                    "the image " + image() + " was not pulled and started within " + LIMIT.toSeconds() + " s", late);
        } catch (ExecutionException failed) {
            throw new IllegalStateException("the image " + image() + " does not start: " + failed.getCause(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting " + image(), interrupted);
        }
    }

    private static String image() {
        String property = System.getProperty("holdfast.etcd.image", "");
        if (!property.isBlank()) {
            return property;
        }
        String variable = System.getenv("HOLDFAST_ETCD_IMAGE");
        return variable == null || variable.isBlank() ? DEFAULT_IMAGE : variable;
    }
}
