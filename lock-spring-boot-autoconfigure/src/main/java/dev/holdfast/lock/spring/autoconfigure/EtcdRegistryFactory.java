package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import io.etcd.jetcd.ClientBuilder;
import java.util.List;
import java.util.function.Consumer;
import org.springframework.boot.ssl.SslBundle;

/** Builds the registry on etcd from the properties, and says in their terms what is wrong with them. */
final class EtcdRegistryFactory {

    private final HoldfastProperties properties;
    private final EtcdConnectionDetails connection;

    EtcdRegistryFactory(HoldfastProperties properties, EtcdConnectionDetails connection) {
        this.properties = properties;
        this.connection = connection;
    }

    LockRegistry create(String application, List<LockListener> listeners, Consumer<ClientBuilder> customizer) {
        EtcdLockRegistry.Builder builder = EtcdLockRegistry.builder();
        builder.defaults(properties.lockDefaults());
        listeners.forEach(builder::listener);
        try {
            connect(builder);
            return builder.keyPrefix(properties.keyPrefix())
                    .encodeNames(properties.encodeNames())
                    .owner(application)
                    .closeTimeout(CloseTimeout.of(properties))
                    .failFast(properties.failFast())
                    .clientCustomizer(customizer)
                    .build();
        } catch (HoldfastConfigurationException known) {
            throw known;
        } catch (IllegalArgumentException invalid) {
            throw invalid(invalid);
        } catch (LockException unusable) {
            throw new EtcdStartException(describeConnection(), unusable);
        }
    }

    private void connect(EtcdLockRegistry.Builder builder) {
        builder.endpoints(connection.endpoints()).requestTimeout(properties.etcd().requestTimeout());
        String username = connection.username();
        String password = connection.password();
        if (username != null && password != null) {
            builder.username(username).password(password);
        }
        SslBundle bundle = connection.sslBundle();
        if (bundle != null) {
            builder.sslContext(EtcdSslContext.of(bundle));
        }
        String namespace = properties.etcd().namespace();
        if (namespace != null) {
            builder.namespace(namespace);
        }
    }

    /** The builder's messages begin with the name of the setting. */
    private HoldfastConfigurationException invalid(IllegalArgumentException invalid) {
        String message = String.valueOf(invalid.getMessage());
        if (message.startsWith("requestTimeout")) {
            return invalid("holdfast.etcd.request-timeout", properties.etcd().requestTimeout(), message, invalid);
        }
        if (message.startsWith("keyPrefix")) {
            return invalid("holdfast.key-prefix", properties.keyPrefix(), message, invalid);
        }
        if (message.startsWith("namespace")) {
            return invalid("holdfast.etcd.namespace", String.valueOf(properties.etcd().namespace()), message, invalid);
        }
        if (message.startsWith("closeTimeout")) {
            return invalid("holdfast.shutdown-timeout", properties.shutdownTimeout(), message, invalid);
        }
        return invalid("holdfast.etcd.endpoints", EndpointText.of(connection.endpoints()), message, invalid);
    }

    private static HoldfastConfigurationException invalid(
            String property, Object value, String message, IllegalArgumentException cause) {
        return new HoldfastConfigurationException(
                property, value.toString(), message, "Correct " + property + " as the reason says", cause);
    }

    private String describeConnection() {
        String username = connection.username();
        return "etcd at " + EndpointText.of(connection.endpoints()) + (username == null ? "" : " as user '" + username + "'");
    }
}
