package dev.holdfast.lock.spring.connection;

import dev.holdfast.lock.spring.autoconfigure.EtcdConnectionDetails;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionDetailsFactory;
import org.springframework.boot.docker.compose.service.connection.DockerComposeConnectionSource;
import org.springframework.boot.ssl.SslBundle;

/** For a service of Docker Compose with an image of etcd, or with the label {@code org.springframework.boot.service-connection: etcd}. */
final class EtcdDockerComposeConnectionDetailsFactory
        extends DockerComposeConnectionDetailsFactory<EtcdConnectionDetails> {

    EtcdDockerComposeConnectionDetailsFactory() {
        super(EtcdImage.NAMES.toArray(String[]::new), "io.etcd.jetcd.Client");
    }

    @Override
    protected EtcdConnectionDetails getDockerComposeConnectionDetails(DockerComposeConnectionSource source) {
        return new Details(source.getRunningService());
    }

    private static final class Details extends DockerComposeConnectionDetails implements EtcdConnectionDetails {

        private final List<String> endpoints;
        private final @Nullable String username;
        private final @Nullable String password;
        private final @Nullable SslBundle sslBundle;

        private Details(RunningService service) {
            super(service);
            this.sslBundle = getSslBundle(service);
            this.endpoints = List.of(EtcdImage.endpoint(service.host(), service.ports()::get, sslBundle != null));
            this.username = EtcdImage.username(service.env());
            this.password = EtcdImage.password(service.env());
        }

        @Override
        public List<String> endpoints() {
            return endpoints;
        }

        @Override
        public @Nullable String username() {
            return username;
        }

        @Override
        public @Nullable String password() {
            return password;
        }

        @Override
        public @Nullable SslBundle sslBundle() {
            return sslBundle;
        }
    }
}
