package dev.holdfast.lock.spring.connection;

import dev.holdfast.lock.spring.autoconfigure.EtcdConnectionDetails;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionDetailsFactory;
import org.springframework.boot.testcontainers.service.connection.ContainerConnectionSource;
import org.testcontainers.containers.Container;

/** For {@code @ServiceConnection} on a container with an image of etcd, or with the name {@code etcd}. */
final class EtcdContainerConnectionDetailsFactory
        extends ContainerConnectionDetailsFactory<Container<?>, EtcdConnectionDetails> {

    EtcdContainerConnectionDetailsFactory() {
        super(EtcdImage.NAMES, "io.etcd.jetcd.Client");
    }

    @Override
    protected EtcdConnectionDetails getContainerConnectionDetails(ContainerConnectionSource<Container<?>> source) {
        return new Details(source);
    }

    private static final class Details extends ContainerConnectionDetails<Container<?>>
            implements EtcdConnectionDetails {

        private Details(ContainerConnectionSource<Container<?>> source) {
            super(source);
        }

        @Override
        public List<String> endpoints() {
            Container<?> container = getContainer();
            return List.of(EtcdImage.endpoint(container.getHost(), container::getMappedPort, sslBundle() != null));
        }

        @Override
        public @Nullable String username() {
            return EtcdImage.username(getContainer().getEnvMap());
        }

        @Override
        public @Nullable String password() {
            return EtcdImage.password(getContainer().getEnvMap());
        }

        @Override
        public @Nullable SslBundle sslBundle() {
            return getSslBundle();
        }
    }
}
