package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.LockedBodyAdvisor;
import dev.holdfast.lock.spring.metrics.MetersInsteadOfObservations;
import dev.holdfast.lock.spring.observation.HoldScope;
import dev.holdfast.lock.spring.observation.LockHoldObservationConvention;
import dev.holdfast.lock.spring.observation.LockObservations;
import dev.holdfast.lock.spring.observation.LockWaitObservationConvention;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/** {@link EnableAutoConfiguration Auto-configuration} for observations of waits and holds, which tracing makes spans of. */
@AutoConfiguration(
        after = HoldfastAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean({LockRegistry.class, ObservationRegistry.class})
public final class HoldfastObservationAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    LockObservations holdfastLockObservations(
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<LockWaitObservationConvention> waits,
            ObjectProvider<LockHoldObservationConvention> holds) {
        return new LockObservations(
                SingletonSupplier.of(observations::getObject), ifAvailable(waits), ifAvailable(holds));
    }

    /** Looks for the bean once, on the first call. */
    private static <T> Supplier<@Nullable T> ifAvailable(ObjectProvider<T> beans) {
        SingletonSupplier<Optional<T>> found = SingletonSupplier.of(() -> Optional.ofNullable(beans.getIfAvailable()));
        return () -> found.obtain().orElse(null);
    }

    // Made before ordinary beans, as every advisor is.
    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static LockedBodyAdvisor holdfastHoldScopeAdvisor(
            ObjectProvider<LockObservations> observations, Environment environment) {
        Supplier<LockObservations> known = SingletonSupplier.of(observations::getObject);
        return new LockedBodyAdvisor(new HoldScope(known), environment);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterObservationHandler.class)
    static class MetersConfiguration {

        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE)
        MetersInsteadOfObservations holdfastMetersInsteadOfObservations() {
            return new MetersInsteadOfObservations();
        }
    }
}
