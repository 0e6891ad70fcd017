package dev.holdfast.lock.spring.autoconfigure;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.metrics.LockGauges;
import dev.holdfast.lock.spring.metrics.LockMeters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** {@link EnableAutoConfiguration Auto-configuration} for the meters of the locks. */
@AutoConfiguration(
        after = HoldfastAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({LockRegistry.class, MeterRegistry.class})
public final class HoldfastMetricsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    LockMeters holdfastLockMeters(ObjectProvider<MeterRegistry> meters, ConfigurableListableBeanFactory beanFactory) {
        return new LockMeters(meters::getObject, registry -> tags(beanFactory, registry));
    }

    /** As the gauges have them, but only where there are several registries. Makes no bean, since a lock may be taken during the start. */
    private static Tags tags(ConfigurableListableBeanFactory beanFactory, @Nullable LockRegistry registry) {
        String[] names = beanFactory.getBeanNamesForType(LockRegistry.class, true, false);
        if (names.length < 2) {
            return Tags.empty();
        }
        String name = Stream.of(names)
                .filter(each -> is(beanFactory.getSingleton(each), registry))
                .findFirst()
                .orElse("unknown");
        return Tags.of("registry", name);
    }

    /** Or a proxy of it. */
    private static boolean is(@Nullable Object bean, @Nullable LockRegistry registry) {
        return bean != null && (bean == registry || AopProxyUtils.getSingletonTarget(bean) == registry);
    }

    @Bean
    @ConditionalOnMissingBean(LockGauges.class)
    MeterBinder holdfastLockGauges(ConfigurableListableBeanFactory beanFactory) {
        List<LockGauges> gauges = new ArrayList<>();
        SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, LockRegistry.class)
                .forEach((name, registry) -> gauges.add(new LockGauges(registry, Tags.of("registry", name))));
        return meters -> gauges.forEach(each -> each.bindTo(meters));
    }
}
