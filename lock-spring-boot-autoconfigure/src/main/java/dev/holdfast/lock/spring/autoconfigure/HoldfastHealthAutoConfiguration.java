package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.health.EtcdLockHealthIndicator;
import java.util.Map;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the health of the locks' store; of several registries, for each under the name of
 * its bean.
 */
@AutoConfiguration(
        after = HoldfastAutoConfiguration.class,
        beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(LockRegistry.class)
@ConditionalOnEnabledHealthIndicator("etcdLock")
public final class HoldfastHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = {"etcdLockHealthContributor", "etcdLockHealthIndicator"})
    HealthContributor etcdLockHealthContributor(ConfigurableListableBeanFactory beanFactory) {
        Map<String, LockRegistry> registries =
                SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, LockRegistry.class);
        return registries.size() == 1
                ? new EtcdLockHealthIndicator(registries.values().iterator().next())
                : CompositeHealthContributor.fromMap(registries, EtcdLockHealthIndicator::new);
    }
}
