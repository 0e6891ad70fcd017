package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockUnavailableException;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.aop.framework.ProxyFactoryBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class FallbackTests {

    @Test
    void aBusyLockCallsTheFallback() {
        LockedContext.run(Reports.class, (reports, registry) -> {
            assertThat(reports.plain("q3")).isEqualTo("ran q3");
            registry.busy.add("r");
            assertThat(reports.plain("q3")).isEqualTo("busy q3, locked: false");
        });
    }

    @Test
    void theFallbackCanTakeTheException() {
        LockedContext.run(Reports.class, (reports, registry) -> {
            registry.busy.add("r");
            assertThat(reports.withException("q3")).isEqualTo("q3: r");
        });
    }

    @Test
    void withoutLockExceptionAnUnavailableStoreIsThrown() {
        LockedContext.run(Reports.class, (reports, registry) -> {
            registry.unavailable.add("r");
            assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> reports.plain("q3"));
            assertThatExceptionOfType(LockUnavailableException.class).isThrownBy(() -> reports.withException("q3"));
        });
    }

    @Test
    void theTypeOfTheExceptionChoosesAmongFallbacks() {
        LockedContext.run(Reports.class, (reports, registry) -> {
            registry.busy.add("r");
            assertThat(reports.typed(1)).isEqualTo(-1);
            registry.unavailable.add("r");
            assertThat(reports.typed(1)).isEqualTo(-2);
            assertThat(reports.anyFailure(1)).isEqualTo("LockUnavailableException");
        });
    }

    @Test
    void theFallbackIsNotForALossInTheBody() {
        LockedContext.run(
                Reports.class,
                (reports, registry) ->
                        assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> reports.loses(registry)));
    }

    @Test
    void theFallbackIsNotForAnInterrupt() {
        LockedContext.run(Reports.class, (reports, registry) -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> reports.anyFailure(1))
                    .isInstanceOf(LockUnavailableException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
        });
    }

    @Test
    void whatTheFallbackThrowsIsThrown() {
        LockedContext.run(Reports.class, (reports, registry) -> {
            registry.busy.add("r");
            assertThatThrownBy(reports::throwing)
                    .isInstanceOf(IOException.class)
                    .hasMessage("from the fallback");
        });
    }

    @Test
    void fallbacksOfGenericAndInheritedMethodsAndInterfacesAreFound() {
        LockedContext.run(Sub.class, (sub, registry) -> {
            registry.busy.addAll(List.of("generic", "interface", "default"));
            assertThat(sub.generic("x")).containsExactly("overridden x");
            assertThat(sub.fromInterface("y")).isEqualTo("private y");
            assertThat(sub.fromDefault("z")).isEqualTo("default z");
        });
    }

    @Test
    void jdkProxiesHaveFallbacksToo() {
        LockedContext.with(Implementation.class)
                .withPropertyValues("spring.aop.proxy-target-class=false")
                .run(context -> {
                    context.getBean(FakeLockRegistry.class).busy.add("interface");
                    assertThat(context.getBean(Declared.class).fromInterface("y"))
                            .isEqualTo("private y");
                });
    }

    @Test
    void aLockedClassHasAPrivateFallback() {
        LockedContext.run(LockedClass.class, (locked, registry) -> {
            registry.busy.add("class");
            assertThat(locked.one()).isEqualTo("busy");
            assertThat(locked.two()).isEqualTo("busy");
        });
    }

    @Test
    void anInterfaceWithoutImplementationHasNoFallback() {
        LockedContext.with(RepositoryConfiguration.class)
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOf(InvalidLockDeclarationException.class)
                        .hasMessageContaining("Repository.save(String) has fallback = \"busy\"")
                        .hasMessageContaining("needs an implementation of its own"));
    }

    static Stream<Arguments> whatCannotBeAFallback() {
        return Stream.of(
                Arguments.of(Missing.class, "does not exist in", "String other(long) or other(long, LockException)"),
                Arguments.of(WrongParameters.class, "has other parameters: other(int)", "other(long)"),
                Arguments.of(WrongReturn.class, "returns void instead of java.lang.String", "other()"),
                Arguments.of(WrongGenericReturn.class, "returns java.util.List<java.lang.Integer> instead of", ""),
                Arguments.of(BoxedReturn.class, "returns java.lang.Integer instead of int", ""),
                Arguments.of(StaticFallback.class, "is static", ""),
                Arguments.of(Ambiguous.class, "with and without an exception", "another name"),
                Arguments.of(NeverThrown.class, "takes IOException, which is never thrown", "LockException"),
                Arguments.of(OfLoss.class, "takes LockLostException, which is never thrown", ""),
                Arguments.of(LockedFallback.class, "is annotated itself", ""),
                Arguments.of(Checked.class, "declares IOException, which run does not", ""),
                Arguments.of(VisibleInLockedClass.class, "is the locked method itself", ""),
                Arguments.of(Itself.class, "is the locked method itself", ""),
                Arguments.of(WithSkip.class, "two answers to a busy lock", ""),
                Arguments.of(OfPlaceholder.class, "cannot be resolved", ""));
    }

    @ParameterizedTest
    @MethodSource("whatCannotBeAFallback")
    void failsTheStartNamingTheMethod(Class<?> type, String problem, String action) {
        LockedContext.assertRefused(type, problem, action);
    }

    static class Reports {

        @DistributedLock(name = "r", fallback = "busy")
        String plain(String quarter) {
            return "ran " + quarter;
        }

        private String busy(String quarter) {
            return "busy " + quarter + ", locked: " + LockContext.find().isPresent();
        }

        @DistributedLock(name = "r", fallback = "${no.such:busyWithException}")
        Object withException(String quarter) {
            return "ran";
        }

        private String busyWithException(String quarter, LockNotAcquiredException busy) {
            return quarter + ": " + busy.lockName();
        }

        @DistributedLock(name = "r", fallback = "typedFallback")
        int typed(int value) {
            return value;
        }

        private int typedFallback(int value, LockException failure) {
            return -2;
        }

        private int typedFallback(int value, LockNotAcquiredException busy) {
            return -1;
        }

        @DistributedLock(name = "r", fallback = "failed")
        String anyFailure(int value) {
            return "ran";
        }

        String failed(int value, Exception failure) {
            return failure.getClass().getSimpleName();
        }

        @DistributedLock(name = "lossy", fallback = "lossFallback", onLost = OnLost.THROW)
        void loses(FakeLockRegistry registry) {
            registry.lose("lossy");
        }

        void lossFallback(FakeLockRegistry registry, Throwable failure) {
            throw new AssertionError("called", failure);
        }

        @DistributedLock(name = "r", fallback = "throwingFallback")
        void throwing() throws IOException {}

        private void throwingFallback() throws IOException {
            throw new IOException("from the fallback");
        }
    }

    abstract static class Base<T> {

        @DistributedLock(name = "generic", fallback = "ofGeneric")
        List<T> generic(T value) {
            return List.of(value);
        }

        List<T> ofGeneric(T value) {
            throw new AssertionError("the overriding one is called");
        }
    }

    interface Declared {

        @DistributedLock(name = "interface", fallback = "ofInterface")
        String fromInterface(String value);

        @DistributedLock(name = "default", fallback = "ofDefault")
        String fromDefault(String value);

        default String ofDefault(String value) {
            return "default " + value;
        }
    }

    static class Sub extends Base<String> implements Declared {

        @Override
        List<String> ofGeneric(String value) {
            return List.of("overridden " + value);
        }

        @Override
        public String fromInterface(String value) {
            return value;
        }

        @Override
        public String fromDefault(String value) {
            return value;
        }

        private String ofInterface(String value) {
            return "private " + value;
        }
    }

    static class Implementation implements Declared {

        @Override
        public String fromInterface(String value) {
            return value;
        }

        @Override
        public String fromDefault(String value) {
            return value;
        }

        private String ofInterface(String value) {
            return "private " + value;
        }
    }

    @DistributedLock(name = "class", fallback = "busy")
    static class LockedClass {

        String one() {
            return "one";
        }

        String two() {
            return "two";
        }

        private String busy() {
            return "busy";
        }
    }

    @DistributedLock(fallback = "run")
    static class VisibleInLockedClass {
        void run() {}
    }

    interface Repository {

        @DistributedLock(fallback = "busy")
        void save(String value);

        default void busy(String value) {}
    }

    /** Like Spring Data: the target class knows nothing of the annotated interface. */
    @Configuration(proxyBeanMethods = false)
    static class RepositoryConfiguration {
        @Bean
        static ProxyFactoryBean repository() {
            ProxyFactoryBean factory = new ProxyFactoryBean();
            factory.setInterfaces(Repository.class);
            factory.setTarget(new Object());
            factory.addAdvice((MethodInterceptor) invocation -> null);
            return factory;
        }
    }

    static class Missing {
        @DistributedLock(fallback = "other")
        String run(long id) {
            return "";
        }
    }

    static class WrongParameters {
        @DistributedLock(fallback = "other")
        String run(long id) {
            return "";
        }

        String other(int id) {
            return "";
        }
    }

    static class WrongReturn {
        @DistributedLock(fallback = "other")
        String run() {
            return "";
        }

        void other() {}
    }

    static class WrongGenericReturn {
        @DistributedLock(fallback = "other")
        List<String> run() {
            return List.of();
        }

        List<Integer> other() {
            return List.of();
        }
    }

    static class BoxedReturn {
        @DistributedLock(fallback = "other")
        int run() {
            return 1;
        }

        @Nullable
        Integer other() {
            return null;
        }
    }

    static class StaticFallback {
        @DistributedLock(fallback = "other")
        void run() {}

        static void other() {}
    }

    static class Ambiguous {
        @DistributedLock(fallback = "other")
        void run() {}

        void other() {}

        void other(LockException failure) {}
    }

    static class NeverThrown {
        @DistributedLock(fallback = "other")
        void run() {}

        void other(IOException failure) {}
    }

    static class OfLoss {
        @DistributedLock(fallback = "other")
        void run() {}

        void other(LockLostException failure) {}
    }

    static class LockedFallback {
        @DistributedLock(fallback = "other")
        void run() {}

        @DistributedLock(name = "second")
        void other() {}
    }

    static class Checked {
        @DistributedLock(fallback = "other")
        void run() {}

        void other() throws IOException {
            throw new IOException();
        }
    }

    static class Itself {
        @DistributedLock(fallback = "run")
        void run() {}
    }

    static class WithSkip {
        @DistributedLock(fallback = "other", onBusy = OnBusy.SKIP)
        void run() {}

        void other() {}
    }

    static class OfPlaceholder {
        @DistributedLock(fallback = "${no.such.property}")
        void run() {}
    }
}
