package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockRegistry;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/** Locks in etcd. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "holdfast.store", havingValue = "etcd", matchIfMissing = true)
final class EtcdConfiguration {

    @Bean
    @ConditionalOnMissingBean
    EtcdConnectionDetails etcdConnectionDetails(HoldfastProperties properties, ObjectProvider<SslBundles> bundles) {
        return new PropertiesEtcdConnectionDetails(properties.etcd(), bundles.getIfAvailable());
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    LockRegistry lockRegistry(
            HoldfastProperties properties,
            EtcdConnectionDetails connection,
            ObjectProvider<EtcdClientBuilderCustomizer> customizers,
            ObjectProvider<LockListener> listeners,
            Environment environment) {
        EtcdRegistryFactory factory = new EtcdRegistryFactory(properties, connection);
        return factory.create(
                environment.getProperty("spring.application.name", "application"),
                listeners.orderedStream().toList(),
                builder -> customizers.orderedStream().forEach(customizer -> customizer.customize(builder)));
    }

    /**
     * For the application's own calls to etcd, such as transactions guarded by a fencing token; made on first use. The locks do not use
     * it: the registry must put deadlines on every call and replace its connection after an outage, so it has one of its own, made
     * with the same settings.
     */
    @Bean(destroyMethod = "close")
    @Lazy
    @ConditionalOnMissingBean
    Client etcdClient(
            HoldfastProperties properties,
            EtcdConnectionDetails connection,
            ObjectProvider<EtcdClientBuilderCustomizer> customizers) {
        ClientBuilder builder = Client.builder()
                .endpoints(connection.endpoints().toArray(String[]::new))
                .namespace(bytes(properties.etcd().namespace()));
        if (connection.username() != null) {
            builder.user(bytes(connection.username())).password(bytes(connection.password()));
        }
        SslBundle bundle = connection.sslBundle();
        if (bundle != null) {
            builder.sslContext(EtcdSslContext.of(bundle));
        }
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    private static ByteSequence bytes(@Nullable String text) {
        return text == null ? ByteSequence.EMPTY : ByteSequence.from(text, StandardCharsets.UTF_8);
    }
}
