package dev.holdfast.lock.test;

import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** An etcd in a container; the only class that needs Testcontainers. */
final class EtcdContainer {

    private static final String DEFAULT_IMAGE = "gcr.io/etcd-development/etcd:v3.5.16";
    private static final int PORT = 2379;

    private EtcdContainer() {}

    /** Starts a container that ends with the JVM, and returns its client URL. */
    static String start() {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image()))
                .withExposedPorts(PORT)
                .withCommand(
                        "etcd",
                        "--listen-client-urls=http://0.0.0.0:" + PORT,
                        "--advertise-client-urls=http://0.0.0.0:" + PORT)
                .waitingFor(Wait.forHttp("/health").forPort(PORT).forResponsePredicate(body -> body.contains("true")));
        container.start();
        // Testcontainers' own reaper may be switched off.
        Runtime.getRuntime().addShutdownHook(new Thread(container::stop, "etcd-container-stop"));
        return "http://" + container.getHost() + ":" + container.getMappedPort(PORT);
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
