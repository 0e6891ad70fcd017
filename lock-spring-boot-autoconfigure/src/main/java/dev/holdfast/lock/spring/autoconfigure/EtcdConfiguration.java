package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockRegistry;
import io.etcd.jetcd.Client;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
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
    EtcdConnectionDetails etcdConnectionDetails(
            HoldfastProperties properties, ObjectProvider<SslBundles> bundles, Environment environment) {
        return new PropertiesEtcdConnectionDetails(properties.etcd(), bundles.getIfAvailable(), environment);
    }

    // Not "lockRegistry", as Spring Integration's users like to call theirs.
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    LockRegistry holdfastLockRegistry(
            HoldfastProperties properties,
            EtcdConnectionDetails connection,
            ObjectProvider<EtcdClientBuilderCustomizer> customizers,
            ObjectProvider<LockListener> listeners,
            Environment environment) {
        return factory(properties, connection, customizers)
                .createRegistry(
                        environment.getProperty("spring.application.name", "application"),
                        listeners.orderedStream().toList());
    }

    /**
     * For the application's own calls to etcd, such as transactions guarded by a fencing token; made on first use. The locks do not use
     * it: the registry must put deadlines on every call and replace its connection after an outage, so it has one of its own, made
     * with the same settings. A request fails at once while etcd is out of reach, is not repeated, and has no deadline. Keeps the
     * certificates it was made with.
     */
    @Bean(destroyMethod = "close")
    @Lazy
    @ConditionalOnMissingBean
    Client etcdClient(
            HoldfastProperties properties,
            EtcdConnectionDetails connection,
            ObjectProvider<EtcdClientBuilderCustomizer> customizers) {
        return factory(properties, connection, customizers).createClient();
    }

    private static EtcdRegistryFactory factory(
            HoldfastProperties properties,
            EtcdConnectionDetails connection,
            ObjectProvider<EtcdClientBuilderCustomizer> customizers) {
        return new EtcdRegistryFactory(
                properties, connection, customizers.orderedStream().toList());
    }
}
