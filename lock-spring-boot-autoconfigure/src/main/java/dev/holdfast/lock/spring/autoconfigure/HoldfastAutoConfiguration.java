package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.EnableDistributedLocks;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** {@link EnableAutoConfiguration Auto-configuration} for distributed locks. */
@AutoConfiguration(afterName = "org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration")
@ConditionalOnBooleanProperty(name = "holdfast.enabled", matchIfMissing = true)
@EnableConfigurationProperties(HoldfastProperties.class)
@EnableDistributedLocks
@Import({EtcdConfiguration.class, MemoryConfiguration.class})
public final class HoldfastAutoConfiguration {

    @Bean
    LockLossPublisher holdfastLockLossPublisher(ApplicationEventPublisher publisher) {
        return new LockLossPublisher(publisher);
    }

    @Bean
    SessionEventPublisher holdfastSessionEventPublisher(ApplicationEventPublisher publisher) {
        return new SessionEventPublisher(publisher);
    }

    @Bean
    LongWaitPublisher holdfastLongWaitPublisher(ApplicationEventPublisher publisher, HoldfastProperties properties) {
        return new LongWaitPublisher(publisher, properties.longWaitChecked());
    }

    // Properties first: a wrong holdfast.store should be told as such, not as a missing registry.
    @Bean
    LockShutdown holdfastLockShutdown(HoldfastProperties properties, ObjectProvider<LockRegistry> registries) {
        return new LockShutdown(registries.orderedStream().toList(), properties.shutdownTimeout());
    }
}
