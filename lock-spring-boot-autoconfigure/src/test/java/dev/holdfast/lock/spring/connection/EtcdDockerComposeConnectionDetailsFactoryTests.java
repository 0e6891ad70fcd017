package dev.holdfast.lock.spring.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.holdfast.lock.spring.autoconfigure.EtcdConnectionDetails;
import dev.holdfast.lock.spring.autoconfigure.SelfSigned;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetailsFactories;
import org.springframework.boot.docker.compose.core.ConnectionPorts;
import org.springframework.boot.docker.compose.core.ImageReference;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;

/** On services as Boot describes them; nothing here runs Docker Compose. */
class EtcdDockerComposeConnectionDetailsFactoryTests {

    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> labels = new HashMap<>();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gcr.io/etcd-development/etcd:v3.5.16",
                "quay.io/coreos/etcd:v3.5.16",
                "bitnami/etcd:3.5",
                "bitnamilegacy/etcd",
                "registry.example.org:5000/etcd"
            })
    void theImagesOfEtcdAreKnown(String image) {
        assertThat(details(image)).isNotNull();
    }

    @Test
    void theEndpointIsThePublishedClientPort() {
        EtcdConnectionDetails found = found("quay.io/coreos/etcd");
        assertThat(found.endpoints()).containsExactly("http://docker.example.org:49379");
        assertThat(found.username()).isNull();
        assertThat(found.password()).isNull();
        assertThat(found.sslBundle()).isNull();
    }

    @Test
    void otherImagesAreNot() {
        assertThat(details("postgres:17")).isNull();
    }

    @Test
    void aLabelMakesAnyImageOne() {
        labels.put("org.springframework.boot.service-connection", "etcd");
        assertThat(found("ours/etcd-with-tools").endpoints()).hasSize(1);
    }

    @Test
    void thePasswordOfBitnamisImageIsUsed() {
        environment.put("ETCD_ROOT_PASSWORD", "geheim");
        EtcdConnectionDetails found = found("bitnami/etcd");
        assertThat(found.username()).isEqualTo("root");
        assertThat(found.password()).isEqualTo("geheim");
    }

    @Test
    void labelsWithCertificatesMeanTls(@TempDir Path directory) throws Exception {
        SelfSigned certificate = SelfSigned.in(directory, "etcd");
        labels.put(
                "org.springframework.boot.sslbundle.pem.truststore.certificate", "file:" + certificate.certificate());
        EtcdConnectionDetails found = found("quay.io/coreos/etcd");
        assertThat(found.sslBundle()).isNotNull();
        assertThat(found.endpoints()).containsExactly("https://docker.example.org:49379");
    }

    @Test
    void bootFindsTheFactory() {
        DockerComposeConnectionSource source = source("quay.io/coreos/etcd");
        assertThat(new ConnectionDetailsFactories(getClass().getClassLoader()).getConnectionDetails(source, true))
                .containsOnlyKeys(EtcdConnectionDetails.class);
    }

    private EtcdConnectionDetails found(String image) {
        return Objects.requireNonNull(details(image));
    }

    private @Nullable EtcdConnectionDetails details(String image) {
        return new EtcdDockerComposeConnectionDetailsFactory().getConnectionDetails(source(image));
    }

    /** Only Boot can make a source. */
    private DockerComposeConnectionSource source(String image) {
        RunningService service = mock(RunningService.class);
        ConnectionPorts ports = mock(ConnectionPorts.class);
        when(ports.get(anyInt())).thenAnswer(call -> 47_000 + call.getArgument(0, Integer.class));
        when(service.image()).thenReturn(ImageReference.of(image));
        when(service.host()).thenReturn("docker.example.org");
        when(service.ports()).thenReturn(ports);
        when(service.env()).thenReturn(environment);
        when(service.labels()).thenReturn(labels);
        DockerComposeConnectionSource source = mock(DockerComposeConnectionSource.class);
        when(source.getRunningService()).thenReturn(service);
        return source;
    }
}
