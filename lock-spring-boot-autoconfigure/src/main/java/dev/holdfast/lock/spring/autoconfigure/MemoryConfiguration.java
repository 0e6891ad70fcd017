package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistryCustomizer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Locks within this process, for development and tests. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "holdfast.store", havingValue = "memory")
final class MemoryConfiguration {

    // The name is that of EtcdConfiguration.
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    LockRegistry holdfastLockRegistry(
            HoldfastProperties properties,
            ObjectProvider<MemoryLockRegistryCustomizer> customizers,
            ObjectProvider<LockListener> listeners,
            Environment environment) {
        MemoryLockRegistry.Builder builder = MemoryLockRegistry.builder()
                .defaults(properties.lockDefaults())
                .keyPrefix(properties.keyPrefixChecked())
                .encodeNames(properties.encodeNames())
                .owner(environment.getProperty("spring.application.name", "application"))
                .handOver(properties.passingOn())
                .release(properties.release())
                .closeTimeout(CloseTimeout.of(properties));
        listeners.orderedStream().forEach(builder::listener);
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }
}
