package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.EnableDistributedLocks;
import java.util.List;
import org.springframework.beans.factory.ListableBeanFactory;
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
    LockShutdown holdfastLockShutdown(HoldfastProperties properties, ListableBeanFactory beanFactory) {
        // All of this context, also those that are injected by qualifier only.
        List<LockRegistry> registries =
                List.copyOf(beanFactory.getBeansOfType(LockRegistry.class).values());
        return new LockShutdown(registries, properties.shutdownTimeout());
    }
}
