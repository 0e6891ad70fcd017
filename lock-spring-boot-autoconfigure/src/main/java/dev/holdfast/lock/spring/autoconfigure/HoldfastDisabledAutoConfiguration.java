package dev.holdfast.lock.spring.autoconfigure;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for {@code holdfast.enabled=false}: nothing but a warning that names the methods
 * that now run without their locks.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "holdfast.enabled", havingValue = false)
public final class HoldfastDisabledAutoConfiguration {

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    UnlockedMethodsWarning holdfastUnlockedMethodsWarning(ConfigurableListableBeanFactory beanFactory) {
        return new UnlockedMethodsWarning(beanFactory);
    }
}
