package dev.holdfast.lock.test.spring;

import dev.holdfast.lock.test.control.LockTestControl;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** {@link EnableAutoConfiguration Auto-configuration} for {@link AutoConfigureLockTest}. */
@AutoConfiguration(beforeName = "dev.holdfast.lock.spring.autoconfigure.HoldfastAutoConfiguration")
public final class LockTestAutoConfiguration {

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    LockTestControl lockTestControl() {
        return LockTestControl.create();
    }
}
