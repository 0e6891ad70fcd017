package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class LockedBeanVerifierTests {

    static Stream<Arguments> whatCannotWork() {
        return Stream.of(
                Arguments.of(PrivateMethod.class, "private"),
                Arguments.of(StaticMethod.class, "static"),
                Arguments.of(FinalMethod.class, "final"),
                Arguments.of(FinalMethodOfLockedClass.class, "final"),
                Arguments.of(PrimitiveSkip.class, "Return Integer or an Optional"),
                Arguments.of(ReturnsFuture.class, "released too early"),
                Arguments.of(ReturnsStage.class, "released too early"),
                Arguments.of(ReturnsMono.class, "released too early"),
                Arguments.of(ReturnsFlux.class, "released too early"),
                Arguments.of(UnknownVariable.class, "uses #ordr in its key #ordr.id"),
                Arguments.of(ForgottenQuotes.class, "For a fixed name use name = \"report\""),
                Arguments.of(ForgottenHash.class, "Write #id for the parameter"),
                Arguments.of(BadSpel.class, "not valid SpEL: order:#id"),
                Arguments.of(NoUnit.class, "ttl = \"30\", which is not a duration"),
                Arguments.of(BadDuration.class, "waitTime = \"soon\", which is not a duration"),
                Arguments.of(ShortTtl.class, "give whole seconds from 5 s to 300 s"),
                Arguments.of(NegativeWait.class, "waitTime"),
                Arguments.of(UnresolvedPlaceholder.class, "cannot be resolved"),
                Arguments.of(BlankName.class, "which is blank"),
                Arguments.of(TwoRenews.class, "several values for renew"));
    }

    @ParameterizedTest
    @MethodSource("whatCannotWork")
    void failsTheStartNamingTheMethod(Class<?> type, String message) {
        LockedContext.failure(
                type,
                failure -> assertThat(failure)
                        .isInstanceOf(InvalidLockDeclarationException.class)
                        .hasMessageContaining(type.getName() + ".run(")
                        .hasMessageContaining(message));
    }

    @Test
    void theFailureIsShownWithProblemAndAction() {
        LockedContext.failure(FinalMethod.class, failure -> {
            FailureAnalysis analysis = new InvalidLockDeclarationFailureAnalyzer().analyze(failure);
            assertThat(analysis).isNotNull();
            assertThat(java.util.Objects.requireNonNull(analysis).getDescription())
                    .contains("FinalMethod.run()", "is final");
            assertThat(analysis.getAction()).contains("Make it an ordinary public");
        });
    }

    @Test
    void withoutParameterNamesTheMessageSaysHowToGetThem() throws Exception {
        // A JDK method: compiled without -parameters, and without the debug tables Spring could read instead.
        LockedMethodReader reader = new LockedMethodReader(
                new org.springframework.mock.env.MockEnvironment(),
                new org.springframework.expression.spel.support.StandardEvaluationContext());
        DistributedLock annotation = java.util.Objects.requireNonNull(
                NamedArgument.class.getDeclaredMethod("run", String.class).getAnnotation(DistributedLock.class));
        assertThatThrownBy(() -> reader.read(annotation, Comparable.class.getMethod("compareTo", Object.class)))
                .isInstanceOf(InvalidLockDeclarationException.class)
                .hasMessageContaining("-parameters")
                .hasMessageContaining("#p0");
    }

    @Test
    void aJdkProxyWithoutTheMethodOnItsInterfaceIsRefused() {
        LockedContext.with(NotOnInterface.class)
                .withPropertyValues("spring.aop.proxy-target-class=false")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("none of its interfaces has this method"));
    }

    @Test
    void beansCreatedBeforeTheAdvisorAreRefused() {
        for (Class<?> early :
                new Class<?>[] {NeededByFactoryPostProcessor.class, NeededByPriorityPostProcessor.class}) {
            LockedContext.with(early)
                    .run(context -> assertThat(context.getStartupFailure())
                            .hasMessageContaining("was created before it could be proxied"));
        }
    }

    @Test
    void lazyBeansAreCheckedWhenTheyAreCreated() {
        LockedContext.with(LazyHolder.class).run(context -> {
            assertThat(context).hasNotFailed();
            assertThatThrownBy(() -> context.getBean(FinalMethod.class))
                    .isInstanceOf(BeanCreationException.class)
                    .hasRootCauseInstanceOf(InvalidLockDeclarationException.class);
        });
    }

    @Test
    void scopedProxiesAndOptionalSkipsAndVoidSkipsPass() {
        LockedContext.with(Fine.class, ScopedHolder.class).run(context -> {
            assertThat(context).hasNotFailed();
            context.getBean("scoped", Scoped.class).run();
            assertThat(context.getBean(FakeLockRegistry.class).log).contains("acquire scoped");
        });
    }

    static class PrivateMethod {
        @DistributedLock
        private void run() {}
    }

    static class StaticMethod {
        @DistributedLock
        static void run() {}
    }

    static class FinalMethod {
        @DistributedLock
        final void run() {}
    }

    @DistributedLock
    static class FinalMethodOfLockedClass {
        public final void run() {}
    }

    static class PrimitiveSkip {
        @DistributedLock(onBusy = OnBusy.SKIP)
        int run() {
            return 1;
        }
    }

    static class ReturnsFuture {
        @DistributedLock
        Future<String> run() {
            return CompletableFuture.completedFuture("");
        }
    }

    static class ReturnsStage {
        @DistributedLock
        CompletableFuture<String> run() {
            return CompletableFuture.completedFuture("");
        }
    }

    static class ReturnsMono {
        @DistributedLock
        Mono<String> run() {
            return Mono.empty();
        }
    }

    static class ReturnsFlux {
        @DistributedLock
        Flux<String> run() {
            return Flux.empty();
        }
    }

    static class UnknownVariable {
        @DistributedLock(key = "#ordr.id")
        void run(String order) {}
    }

    static class ForgottenQuotes {
        @DistributedLock("report")
        public void run() {}
    }

    static class ForgottenHash {
        @DistributedLock("'order:' + id")
        public void run(long id) {}
    }

    static class BadSpel {
        @DistributedLock(key = "order:#id")
        void run(String id) {}
    }

    static class NoUnit {
        @DistributedLock(ttl = "30")
        void run() {}
    }

    static class BadDuration {
        @DistributedLock(waitTime = "soon")
        void run() {}
    }

    static class ShortTtl {
        @DistributedLock(ttl = "1s")
        void run() {}
    }

    static class NegativeWait {
        @DistributedLock(waitTime = "-5s")
        void run() {}
    }

    static class UnresolvedPlaceholder {
        @DistributedLock(name = "${no.such.property}")
        void run() {}
    }

    static class BlankName {
        @DistributedLock(name = "${no.such.property:}")
        void run() {}
    }

    static class TwoRenews {
        @DistributedLock(renew = {true, false})
        void run() {}
    }

    static class NamedArgument {
        @DistributedLock(key = "#id")
        void run(String id) {}
    }

    static class Fine {
        @DistributedLock(onBusy = OnBusy.SKIP)
        void nothing() {}

        @DistributedLock(onBusy = OnBusy.SKIP)
        Optional<String> optional() {
            return Optional.empty();
        }
    }

    interface Unrelated {
        void other();
    }

    static class NotOnInterface implements Unrelated {
        @Override
        public void other() {}

        @DistributedLock
        public void run() {}
    }

    static class Target {
        @DistributedLock
        void run() {}
    }

    @Configuration(proxyBeanMethods = false)
    static class NeededByFactoryPostProcessor {
        @Bean
        static Target target() {
            return new Target();
        }

        @Bean
        static BeanFactoryPostProcessor needsTarget() {
            return beanFactory -> beanFactory.getBean(Target.class);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class NeededByPriorityPostProcessor {
        @Bean
        static Target target() {
            return new Target();
        }

        @Bean
        static NeedyPostProcessor needy(Target target) {
            return new NeedyPostProcessor();
        }
    }

    static class NeedyPostProcessor implements BeanPostProcessor, PriorityOrdered {
        @Override
        public int getOrder() {
            return Ordered.HIGHEST_PRECEDENCE;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class LazyHolder {
        @Bean
        @Lazy
        FinalMethod lazy() {
            return new FinalMethod();
        }
    }

    static class Scoped {
        @DistributedLock(name = "scoped")
        void run() {}
    }

    @Configuration(proxyBeanMethods = false)
    static class ScopedHolder {
        @Bean
        @Scope(scopeName = "prototype", proxyMode = ScopedProxyMode.TARGET_CLASS)
        Scoped scoped() {
            return new Scoped();
        }
    }
}
