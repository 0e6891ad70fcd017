package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import org.aspectj.lang.annotation.Aspect;
import org.aspectj.lang.annotation.Before;
import org.aspectj.weaver.Advice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

@ExtendWith(OutputCaptureExtension.class)
class ProxyingTests {

    private final ApplicationContextRunner runner =
            LockedContext.with(Service.class).withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class));

    @Test
    void worksWithAspectJ() {
        assertLocked(runner, false);
    }

    @Test
    void worksWithoutAspectJ() {
        assertLocked(runner.withClassLoader(new FilteredClassLoader(Advice.class)), false);
    }

    @Test
    void worksWithBootsAopSwitchedOff() {
        assertLocked(runner.withPropertyValues("spring.aop.auto=false"), false);
    }

    @Test
    void worksWithoutBootsAopAtAll() {
        assertLocked(LockedContext.with(Service.class), false);
    }

    @Test
    void worksWithJdkProxies() {
        assertLocked(runner.withPropertyValues("spring.aop.proxy-target-class=false"), true);
        assertLocked(
                runner.withPropertyValues("spring.aop.proxy-target-class=false")
                        .withClassLoader(new FilteredClassLoader(Advice.class)),
                true);
        assertLocked(runner.withPropertyValues("spring.aop.proxy-target-class=false", "spring.aop.auto=false"), true);
    }

    @Test
    void aspectsRunInsideTheLock() {
        runner.withUserConfiguration(HeldAspect.class).run(context -> {
            context.getBean(Operations.class).run();
            assertThat(context.getBean(FakeLockRegistry.class).log).containsExactly("acquire p", "release p");
            assertThat(context.getBean(HeldAspect.class).held).isTrue();
        });
    }

    @Test
    void anAsynchronousMethodIsLockedOnItsOwnThread() {
        runner.withUserConfiguration(AsyncConfiguration.class).run(context -> {
            context.getBean(AsyncService.class).run();
            assertThat(context.getBean(java.util.concurrent.LinkedBlockingQueue.class)
                            .poll(5, java.util.concurrent.TimeUnit.SECONDS))
                    .asString()
                    .startsWith("async held by ")
                    .doesNotContain(Thread.currentThread().getName());
        });
    }

    @Test
    void aScheduledMethodIsLocked() {
        runner.withUserConfiguration(SchedulingConfiguration.class).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(java.util.concurrent.LinkedBlockingQueue.class)
                            .poll(5, java.util.concurrent.TimeUnit.SECONDS))
                    .isEqualTo("scheduled");
        });
    }

    @Test
    void noBeanMissesItsPostProcessors(CapturedOutput output) {
        runner.run(context -> assertThat(output).doesNotContain("not eligible for getting processed"));
    }

    @Test
    void annotatedProxiesOfInterfacesAreLocked() {
        LockedContext.with(RepositoryConfiguration.class).run(context -> {
            context.getBean(Repository.class).save("k");
            assertThat(context.getBean(FakeLockRegistry.class).log).containsExactly("acquire k", "release k");
        });
    }

    @Test
    void annotatedJdkProxiesAreLocked() {
        LockedContext.with(RemoteConfiguration.class).run(context -> {
            assertThat(context).hasNotFailed();
            context.getBean(Remote.class).call("r");
            assertThat(context.getBean(FakeLockRegistry.class).log).containsExactly("acquire r", "release r");
        });
    }

    private static void assertLocked(ApplicationContextRunner runner, boolean jdkProxy) {
        runner.run(context -> {
            assertThat(context).hasNotFailed();
            Operations bean = context.getBean(Operations.class);
            assertThat(AopUtils.isJdkDynamicProxy(bean)).isEqualTo(jdkProxy);
            assertThat(AopProxyUtils.ultimateTargetClass(bean)).isEqualTo(Service.class);
            bean.run();
            assertThat(context.getBean(FakeLockRegistry.class).log).containsExactly("acquire p", "release p");
        });
    }

    public interface Operations {
        void run();
    }

    public static class Service implements Operations {
        @Override
        @DistributedLock(name = "p")
        public void run() {
            assertThat(LockContext.current().isHeld()).isTrue();
        }
    }

    @Aspect
    static class HeldAspect {

        boolean held;

        @Before("execution(* dev.holdfast.lock.spring.ProxyingTests.Operations.run(..))")
        public void before() {
            held = LockContext.find().isPresent();
        }
    }

    static class AsyncService {

        private final java.util.concurrent.LinkedBlockingQueue<String> seen;

        AsyncService(java.util.concurrent.LinkedBlockingQueue<String> seen) {
            this.seen = seen;
        }

        @Async
        @DistributedLock(name = "async")
        public void run() {
            seen.add(LockContext.current().name() + " held by "
                    + Thread.currentThread().getName());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAsync
    static class AsyncConfiguration {

        @Bean
        java.util.concurrent.LinkedBlockingQueue<String> seen() {
            return new java.util.concurrent.LinkedBlockingQueue<>();
        }

        @Bean
        AsyncService asyncService(java.util.concurrent.LinkedBlockingQueue<String> seen) {
            return new AsyncService(seen);
        }
    }

    static class ScheduledService {

        private final java.util.concurrent.LinkedBlockingQueue<String> seen;

        ScheduledService(java.util.concurrent.LinkedBlockingQueue<String> seen) {
            this.seen = seen;
        }

        @Scheduled(fixedDelay = 3_600_000)
        @DistributedLock(name = "scheduled")
        void run() {
            seen.add(LockContext.current().name());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableScheduling
    static class SchedulingConfiguration {

        @Bean
        java.util.concurrent.LinkedBlockingQueue<String> seen() {
            return new java.util.concurrent.LinkedBlockingQueue<>();
        }

        @Bean
        ScheduledService scheduledService(java.util.concurrent.LinkedBlockingQueue<String> seen) {
            return new ScheduledService(seen);
        }
    }

    interface Repository {
        @DistributedLock(key = "#p0")
        void save(String key);
    }

    interface Remote {
        @DistributedLock(key = "#name")
        void call(String name);
    }

    /** Like a declarative HTTP client: a plain JDK proxy. */
    @Configuration(proxyBeanMethods = false)
    static class RemoteConfiguration {
        @Bean
        static Remote remote() {
            return (Remote) java.lang.reflect.Proxy.newProxyInstance(
                    Remote.class.getClassLoader(), new Class<?>[] {Remote.class}, (proxy, method, args) -> {
                        if (method.getDeclaringClass() == Object.class) {
                            return method.getName().equals("hashCode") ? 1 : null;
                        }
                        assertThat(LockContext.current().isHeld()).isTrue();
                        return null;
                    });
        }
    }

    /** Like Spring Data: the target class knows nothing of the annotated interface. */
    @Configuration(proxyBeanMethods = false)
    static class RepositoryConfiguration {
        @Bean
        static org.springframework.aop.framework.ProxyFactoryBean repository() throws ClassNotFoundException {
            org.springframework.aop.framework.ProxyFactoryBean factory =
                    new org.springframework.aop.framework.ProxyFactoryBean();
            factory.setProxyInterfaces(new Class<?>[] {Repository.class});
            factory.setTarget(new Object());
            factory.addAdvice((org.aopalliance.intercept.MethodInterceptor) invocation -> {
                assertThat(LockContext.current().isHeld()).isTrue();
                return null;
            });
            return factory;
        }
    }
}
