package dev.holdfast.lock.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Import;

/**
 * Makes {@link DistributedLock} work on the beans of a context that has one {@link dev.holdfast.lock.LockRegistry} bean. Spring Boot
 * applications get it with the starter. Needs neither AspectJ nor {@code spring.aop.auto}; proxies are class-based unless
 * {@code spring.aop.proxy-target-class=false}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Import({AutoProxyCreatorRegistrar.class, LockAdvisorConfiguration.class, LockedTransactionSelector.class})
public @interface EnableDistributedLocks {}
