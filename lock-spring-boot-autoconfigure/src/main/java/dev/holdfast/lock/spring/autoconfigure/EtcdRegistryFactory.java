package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdCredentials;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.etcd.ReloadableSslContext;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/** Builds what talks to etcd from the properties, and says in their terms what is wrong with them. */
final class EtcdRegistryFactory {

    private final HoldfastProperties properties;
    private final EtcdConnectionDetails connection;
    private final List<EtcdClientBuilderCustomizer> customizers;

    EtcdRegistryFactory(
            HoldfastProperties properties,
            EtcdConnectionDetails connection,
            List<EtcdClientBuilderCustomizer> customizers) {
        this.properties = properties;
        this.connection = connection;
        this.customizers = customizers;
    }

    LockRegistry createRegistry(String application, List<LockListener> listeners) {
        LockOptions defaults = properties.lockDefaults();
        try {
            return inTermsOfProperties(() -> {
                EtcdLockRegistry.Builder builder = builder(reloadingCertificates())
                        .defaults(defaults)
                        .owner(application)
                        .handOver(properties.passingOn())
                        .release(properties.release())
                        .closeTimeout(CloseTimeout.of(properties))
                        .failFast(properties.failFast())
                        .batching(properties.batching().enabled());
                listeners.forEach(builder::listener);
                return builder.build();
            });
        } catch (LockException unusable) {
            throw new EtcdStartException(connection.sslBundle() != null, unusable);
        }
    }

    Client createClient() {
        return inTermsOfProperties(() -> builder(certificates()).buildClient());
    }

    private EtcdLockRegistry.Builder builder(@Nullable ReloadableSslContext certificates) {
        String namespace = properties.etcd().namespace();
        return EtcdLockRegistry.builder()
                .endpoints(connection.endpoints())
                .credentials(hasUser() ? this::credentials : null)
                .reloadableSslContext(certificates)
                .namespace(namespace == null ? "" : namespace)
                .keyPrefix(properties.keyPrefixChecked())
                .encodeNames(properties.encodeNames())
                .requestTimeout(properties.etcd().requestTimeout())
                .clientCustomizer(this::customize);
    }

    /** A source that cannot tell may be able to when etcd is asked, or some time later. */
    private boolean hasUser() {
        try {
            return connection.username() != null || connection.password() != null;
        } catch (RuntimeException unknown) {
            return true;
        }
    }

    private EtcdCredentials credentials() {
        String username = told(connection::username);
        String password = told(connection::password);
        if (username == null || password == null) {
            throw new IllegalArgumentException("username and password belong together, but there is no "
                    + (username == null ? "username" : "password for '" + username + "'"));
        }
        return new EtcdCredentials(username, password);
    }

    /** An {@link IllegalArgumentException} of the source is no wrong property, and its text may show a secret. */
    private static @Nullable String told(Supplier<@Nullable String> source) {
        try {
            return source.get();
        } catch (IllegalArgumentException thrown) {
            IllegalStateException unable =
                    new IllegalStateException(thrown.getClass().getName());
            unable.setStackTrace(thrown.getStackTrace());
            throw unable;
        }
    }

    private @Nullable ReloadableSslContext certificates() {
        SslBundle bundle = connection.sslBundle();
        return bundle == null ? null : new ReloadableSslContext(EtcdSslContext.of(bundle));
    }

    private @Nullable ReloadableSslContext reloadingCertificates() {
        if (connection.sslBundle() == null) {
            return null;
        }
        // The handler first: an update while the certificates are read must not be missed.
        CertificateUpdates updates = new CertificateUpdates();
        connection.addSslBundleUpdateHandler(updates::update);
        ReloadableSslContext certificates = certificates();
        if (certificates != null) {
            updates.follow(certificates);
        }
        return certificates;
    }

    private ClientBuilder customize(ClientBuilder builder) {
        customizers.forEach(customizer -> customizer.customize(builder));
        return builder;
    }

    private <T> T inTermsOfProperties(Supplier<T> build) {
        try {
            return build.get();
        } catch (HoldfastConfigurationException known) {
            throw known;
        } catch (IllegalArgumentException invalid) {
            throw invalid(invalid);
        }
    }

    /** The builder's messages begin with the name of the setting. */
    private HoldfastConfigurationException invalid(IllegalArgumentException invalid) {
        String message = String.valueOf(invalid.getMessage());
        if (message.startsWith("requestTimeout")) {
            return invalid("holdfast.etcd.request-timeout", properties.etcd().requestTimeout(), message, invalid);
        }
        if (message.startsWith("namespace")) {
            return invalid(
                    "holdfast.etcd.namespace", String.valueOf(properties.etcd().namespace()), message, invalid);
        }
        if (message.startsWith("username") || message.startsWith("password")) {
            return invalid("holdfast.etcd.username", String.valueOf(connection.username()), message, invalid);
        }
        if (message.startsWith("endpoints")) {
            return invalid("holdfast.etcd.endpoints", EndpointText.of(connection.endpoints()), message, invalid);
        }
        // Of a customizer, say; it is nothing that a property could mend.
        throw invalid;
    }

    private static HoldfastConfigurationException invalid(
            String property, Object value, String message, IllegalArgumentException cause) {
        return new HoldfastConfigurationException(
                property, value.toString(), message, "Correct " + property + " as the reason says", cause);
    }
}
