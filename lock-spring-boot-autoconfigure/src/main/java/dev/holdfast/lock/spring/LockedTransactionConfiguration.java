package dev.holdfast.lock.spring;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;

/** Imported by name, and only with spring-tx on the classpath. */
@Configuration(proxyBeanMethods = false)
@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
final class LockedTransactionConfiguration {

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static LockedTransactionPostProcessor holdfastLockedTransactionPostProcessor(
            ConfigurableListableBeanFactory beanFactory) {
        return new LockedTransactionPostProcessor(beanFactory);
    }
}
