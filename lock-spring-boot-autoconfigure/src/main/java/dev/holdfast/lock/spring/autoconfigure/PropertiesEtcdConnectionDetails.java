package dev.holdfast.lock.spring.autoconfigure;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.StringUtils;

/** Connection as the properties say; refuses combinations that could only hang or speak plain text by mistake. */
final class PropertiesEtcdConnectionDetails implements EtcdConnectionDetails {

    private final HoldfastProperties.Etcd etcd;
    private final @Nullable SslBundle sslBundle;

    PropertiesEtcdConnectionDetails(HoldfastProperties.Etcd etcd, @Nullable SslBundles bundles) {
        this.etcd = etcd;
        requireUserAndPassword(etcd);
        requireBundleIfHttps(etcd);
        this.sslBundle = bundle(etcd, bundles);
    }

    @Override
    public List<String> endpoints() {
        return etcd.endpoints();
    }

    @Override
    public @Nullable String username() {
        return StringUtils.hasText(etcd.username()) ? etcd.username() : null;
    }

    @Override
    public @Nullable String password() {
        return StringUtils.hasText(etcd.password()) ? etcd.password() : null;
    }

    @Override
    public @Nullable SslBundle sslBundle() {
        return sslBundle;
    }

    private static @Nullable SslBundle bundle(HoldfastProperties.Etcd etcd, @Nullable SslBundles bundles) {
        String name = etcd.ssl().bundle();
        if (!StringUtils.hasText(name)) {
            return null;
        }
        if (bundles == null) {
            throw new HoldfastConfigurationException(
                    "holdfast.etcd.ssl.bundle",
                    name,
                    "there are no SSL bundles in this application",
                    "Keep Spring Boot's SslAutoConfiguration, or provide an SslBundles bean",
                    null);
        }
        return bundles.getBundle(name);
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
