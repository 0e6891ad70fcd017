package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.util.AopTestUtils;

/** A context with the annotation switched on over a {@link FakeLockRegistry}. */
final class LockedContext {

    private LockedContext() {}

    static ApplicationContextRunner with(Class<?>... beans) {
        ApplicationContextRunner runner = new ApplicationContextRunner().withUserConfiguration(Locks.class);
        for (Class<?> bean : beans) {
            runner = runner.withUserConfiguration(bean);
        }
        return runner;
    }

    /** Runs with one bean and its registry. */
    static <T> void run(Class<T> type, Body<T> body) {
        with(type).run(context -> body.run(context.getBean(type), context.getBean(FakeLockRegistry.class)));
    }

    /** As {@link #run}, with the object behind the bean's proxy too. */
    static <T> void runWithTarget(Class<T> type, TargetBody<T> body) {
        run(type, (bean, registry) -> body.run(bean, registry, AopTestUtils.getTargetObject(bean)));
    }

    /** Asserts that the start fails for the method {@code run} of that bean, with a message that has all of these parts. */
    static void assertRefused(Class<?> type, String... parts) {
        failure(
                type,
                failure -> assertThat(failure)
                        .isInstanceOf(InvalidLockDeclarationException.class)
                        .hasMessageContaining(type.getName() + ".run(")
                        .hasMessageContainingAll(parts));
    }

    /** The message with which the start fails. */
    static void failure(Class<?> type, Consumer<Throwable> check) {
        with(type).run(context -> {
            Throwable failure = context.getStartupFailure();
            if (failure == null) {
                throw new AssertionError("The context started");
            }
            Throwable root = failure;
            while (root.getCause() != null && !(root instanceof InvalidLockDeclarationException)) {
                root = root.getCause();
            }
            check.accept(root);
        });
    }

    @FunctionalInterface
    interface TargetBody<T> {
        void run(T bean, FakeLockRegistry registry, T target) throws Exception;
    }

    @FunctionalInterface
    interface Body<T> {
        void run(T bean, FakeLockRegistry registry) throws Exception;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableDistributedLocks
    static class Locks {

        @Bean
        FakeLockRegistry lockRegistry() {
            return new FakeLockRegistry();
        }
    }
}
