package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.core.env.Environment;
import org.springframework.expression.spel.support.StandardEvaluationContext;
import org.springframework.expression.spel.support.StandardTypeLocator;

/**
 * The advisor and the check of its beans. All of it is created before any ordinary bean, so methods are static and the registry is
 * asked for on the first call only; else registry, client and properties would miss their post-processors.
 */
@Configuration(proxyBeanMethods = false)
@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
final class LockAdvisorConfiguration {

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static LockedMethods holdfastLockedMethods(ConfigurableListableBeanFactory beanFactory, Environment environment) {
        StandardEvaluationContext shared = new StandardEvaluationContext();
        shared.setBeanResolver(new BeanFactoryResolver(beanFactory));
        shared.setTypeLocator(new StandardTypeLocator(beanFactory.getBeanClassLoader()));
        return new LockedMethods(new LockedMethodReader(environment, shared));
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static LockRegistries holdfastLockRegistries(
            ObjectProvider<LockRegistry> unqualified, ConfigurableListableBeanFactory beanFactory) {
        return new LockRegistries(unqualified, beanFactory);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static LockAdvisor holdfastLockAdvisor(LockedMethods methods, LockRegistries registries, Environment environment) {
        int order = environment.getProperty("holdfast.order", Integer.class, LockAdvisor.DEFAULT_ORDER);
        return new LockAdvisor(methods, registries, order);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static LockedBeanVerifier holdfastLockedBeanVerifier(
            LockedMethods methods, ConfigurableListableBeanFactory beanFactory) {
        return new LockedBeanVerifier(methods, beanFactory);
    }

    // After the verifier of beans, which makes the methods of early beans known.
    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static LockRegistryVerifier holdfastLockRegistryVerifier(LockedMethods methods, LockRegistries registries) {
        return new LockRegistryVerifier(methods, registries);
    }
}
