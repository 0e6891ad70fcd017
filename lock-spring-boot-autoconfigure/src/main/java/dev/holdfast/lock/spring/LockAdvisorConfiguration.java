package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.ReleaseMode;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.core.env.Environment;
import org.springframework.expression.spel.support.StandardEvaluationContext;
import org.springframework.expression.spel.support.StandardTypeLocator;
import org.springframework.util.function.SingletonSupplier;

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
    static LockAdvisor holdfastLockAdvisor(
            LockedMethods methods,
            LockRegistries registries,
            ConfigurableListableBeanFactory beanFactory,
            Environment environment) {
        InsideTransaction insideTransaction = Binder.get(environment)
                .bind("holdfast.inside-transaction", InsideTransaction.class)
                .orElse(InsideTransaction.WARN);
        return new LockAdvisor(
                methods,
                registries,
                TransactionGuard.of(insideTransaction, beanFactory.getBeanClassLoader()),
                SingletonSupplier.of(() -> releaseWait(environment)),
                LockAdvisor.order(environment));
    }

    /** As long as a release that blocks would; the registry does not tell. Asked for on the first call, when the properties are checked. */
    private static Duration releaseWait(Environment environment) {
        Binder properties = Binder.get(environment);
        ReleaseMode mode =
                properties.bind("holdfast.release", ReleaseMode.class).orElse(ReleaseMode.SYNC);
        return mode == ReleaseMode.ASYNC
                ? Duration.ZERO
                : properties
                        .bind("holdfast.etcd.request-timeout", Duration.class)
                        .orElse(Duration.ofSeconds(2));
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
