package dev.holdfast.lock.spring.autoconfigure;

import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/** Connection as the properties say; refuses combinations that could only hang or speak plain text by mistake. */
final class PropertiesEtcdConnectionDetails implements EtcdConnectionDetails {

    private final HoldfastProperties.Etcd etcd;
    private final @Nullable SslBundles bundles;
    private final Environment environment;

    /** @throws org.springframework.boot.ssl.NoSuchSslBundleException if the bundle is not there */
    PropertiesEtcdConnectionDetails(
            HoldfastProperties.Etcd etcd, @Nullable SslBundles bundles, Environment environment) {
        this.etcd = etcd;
        this.bundles = bundles;
        this.environment = environment;
        requireUserAndPassword(etcd);
        requireBundleIfHttps(etcd);
        sslBundle();
    }

    @Override
    public List<String> endpoints() {
        return etcd.endpoints();
    }

    @Override
    public @Nullable String username() {
        return current("holdfast.etcd.username", etcd.username());
    }

    @Override
    public @Nullable String password() {
        return current("holdfast.etcd.password", etcd.password());
    }

    @Override
    public @Nullable SslBundle sslBundle() {
        String name = bundleName();
        return name == null ? null : bundles(name).getBundle(name);
    }

    @Override
    public void addSslBundleUpdateHandler(Consumer<SslBundle> handler) {
        String name = bundleName();
        if (name != null) {
            bundles(name).addBundleUpdateHandler(name, handler);
        }
    }

    /** As the environment has it now: a configuration server or a vault may have changed it since the start. */
    private @Nullable String current(String property, @Nullable String atStart) {
        String value =
                Binder.get(environment).bind(property, String.class).orElseGet(() -> atStart == null ? "" : atStart);
        return StringUtils.hasText(value) ? value : null;
    }

    private @Nullable String bundleName() {
        return StringUtils.hasText(etcd.ssl().bundle()) ? etcd.ssl().bundle() : null;
    }

    private SslBundles bundles(String name) {
        if (bundles == null) {
            throw new HoldfastConfigurationException(
                    "holdfast.etcd.ssl.bundle",
                    name,
                    "there are no SSL bundles in this application",
                    "Keep Spring Boot's SslAutoConfiguration, or provide an SslBundles bean",
                    null);
        }
        return bundles;
    }

    private static void requireUserAndPassword(HoldfastProperties.Etcd etcd) {
        if (StringUtils.hasText(etcd.username()) && !StringUtils.hasText(etcd.password())) {
            throw new HoldfastConfigurationException(
                    "holdfast.etcd.username",
                    String.valueOf(etcd.username()),
                    "there is a user but no password",
                    "Set holdfast.etcd.password as well, or neither",
                    null);
        }
        if (StringUtils.hasText(etcd.password()) && !StringUtils.hasText(etcd.username())) {
            throw new HoldfastConfigurationException(
                    "holdfast.etcd.username",
                    "",
                    "there is a password but no user",
                    "Set holdfast.etcd.username as well, or neither",
                    null);
        }
    }

    private static void requireBundleIfHttps(HoldfastProperties.Etcd etcd) {
        boolean bundle = StringUtils.hasText(etcd.ssl().bundle());
        for (String endpoint : etcd.endpoints()) {
            String scheme = endpoint.strip().toLowerCase(Locale.ROOT);
            if (scheme.startsWith("https://") && !bundle) {
                throw new HoldfastConfigurationException(
                        "holdfast.etcd.endpoints",
                        EndpointText.of(etcd.endpoints()),
                        "https needs to know which certificates to trust",
                        "Set holdfast.etcd.ssl.bundle to an SSL bundle, defined for example with"
                                + " spring.ssl.bundle.pem.<name>.truststore.certificate, or write http://",
                        null);
            }
            if (scheme.startsWith("http://") && bundle) {
                throw new HoldfastConfigurationException(
                        "holdfast.etcd.endpoints",
                        EndpointText.of(etcd.endpoints()),
                        "holdfast.etcd.ssl.bundle is set, but an endpoint is plain http",
                        "Write https:// for every endpoint, or remove the bundle",
                        null);
            }
        }
    }
}
