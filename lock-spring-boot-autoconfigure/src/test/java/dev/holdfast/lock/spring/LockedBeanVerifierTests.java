package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.spring.autoconfigure.PackagePrivateLock;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.FactoryBean;
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

class LockedBeanVerifierTests {

    static Stream<Arguments> whatCannotWork() {
        return Stream.of(
                Arguments.of(PrivateMethod.class, "private"),
                Arguments.of(StaticMethod.class, "static"),
                Arguments.of(FinalMethod.class, "final"),
                Arguments.of(FinalMethodOfLockedClass.class, "final"),
                Arguments.of(PrimitiveSkip.class, "Return Integer or an Optional"),
                Arguments.of(ReturnsFuture.class, "released too early"),
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
                Arguments.of(TwoRenews.class, "several values for renew"),
                Arguments.of(NoPermits.class, "permits = 0, which is out of range"),
                Arguments.of(TooManyPermits.class, "Give 1 to 1000"),
                Arguments.of(NegativePermits.class, "permits = -2, which is out of range"),
                Arguments.of(SharedPermits.class, "two kinds of lock"),
                Arguments.of(SharedCollection.class, "is a collection, but takes a shared lock"),
                Arguments.of(SharedList.class, "is a collection, but takes a shared lock"),
                Arguments.of(CollectionOfPermits.class, "is a collection, but takes a semaphore of 2 permits"),
                Arguments.of(BadMaxHold.class, "maxHold = \"long\", which is not a duration"),
                Arguments.of(NegativeMaxHold.class, "maxHold = \"-1s\", which is out of range"),
                Arguments.of(BadHoldAtLeast.class, "holdAtLeast = \"5\", which is not a duration"),
                Arguments.of(
                        HeldLongerThanAllowed.class, "holdAtLeast = \"${no.such:1m}\", which is longer than maxHold"),
                Arguments.of(JoinsInProjection.class, "would become the text 'null'"),
                Arguments.of(BadCondition.class, "condition that is not valid SpEL: #id >"),
                Arguments.of(ConditionOfNoBoolean.class, "neither true nor false"),
                Arguments.of(ConditionWithoutHash.class, "Write #id for the parameter"),
                Arguments.of(ConditionOnUnknown.class, "uses #order in its condition"),
                Arguments.of(LockedBeanMethod.class, "is a @Bean method"),
                Arguments.of(LockedStaticBeanMethod.class, "is a @Bean method"),
                Arguments.of(LockedConfiguration.class, "is a @Bean method"));
    }

    @ParameterizedTest
    @MethodSource("whatCannotWork")
    void failsTheStartNamingTheMethod(Class<?> type, String message) {
        LockedContext.assertRefused(type, message);
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
        assertThatThrownBy(() -> reader.read(
                        annotation, Comparable.class.getMethod("compareTo", Object.class), Comparable.class))
                .isInstanceOf(InvalidLockDeclarationException.class)
                .hasMessageContaining("-parameters")
                .hasMessageContaining("#p0");
    }

    @ParameterizedTest
    @ValueSource(classes = {NotOnInterface.class, NotOnInterfaceByOwnAnnotation.class, OverridesNotOnInterface.class})
    void aJdkProxyWithoutTheMethodOnItsInterfaceIsRefused(Class<?> type) {
        LockedContext.with(type)
                .withPropertyValues("spring.aop.proxy-target-class=false")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("none of its interfaces has this method"));
    }

    @Test
    void aJdkProxyWithTheMethodOnAGenericInterfaceIsLocked() {
        LockedContext.with(OnGenericInterface.class)
                .withPropertyValues("spring.aop.proxy-target-class=false")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    @SuppressWarnings("unchecked")
                    Handler<String> handler = context.getBean(Handler.class);
                    handler.handle("x");
                    assertThat(context.getBean(FakeLockRegistry.class).log).contains("acquire handler:x");
                });
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
    void productsOfFactoryBeansCreatedBeforeTheAdvisorAreRefused() {
        LockedContext.with(EarlyFactory.class)
                .run(context -> assertThat(context.getStartupFailure())
                        .hasMessageContaining("Target.run()")
                        .hasMessageContaining("was created before it could be proxied"));
    }

    @Test
    void productsOfFactoryBeansAreLocked() {
        LockedContext.with(TargetFactory.class).run(context -> {
            context.getBean(Target.class).run();
            assertThat(context.getBean(FakeLockRegistry.class).log).hasSize(2);
        });
    }

    @Test
    void packagePrivateMethodsOfAnotherPackageAreRefused() {
        LockedContext.failure(
                InheritsFromAnotherPackage.class,
                failure -> assertThat(failure)
                        .hasMessageContaining("PackagePrivateLock.run()")
                        .hasMessageContaining("is package-private")
                        .hasMessageContaining("Make it public or protected"));
    }

    @Test
    void registeredObjectsAreRefused() {
        LockedContext.with()
                .withInitializer(context -> context.getBeanFactory().registerSingleton("target", new Target()))
                .run(context -> assertThat(context.getStartupFailure())
                        .hasMessageContaining("has no effect on the bean 'target'"));
    }

    @Test
    void prototypesAreLockedAndCheckedWhenTheyAreCreated() {
        LockedContext.with(PrototypeHolder.class).run(context -> {
            context.getBean("good", Scoped.class).run();
            assertThat(context.getBean(FakeLockRegistry.class).log).contains("acquire scoped");
            assertThatThrownBy(() -> context.getBean("bad"))
                    .hasRootCauseInstanceOf(InvalidLockDeclarationException.class);
        });
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

    static class InheritsFromAnotherPackage extends PackagePrivateLock {}

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

    static class NoPermits {
        @DistributedLock(permits = 0)
        void run() {}
    }

    static class TooManyPermits {
        @DistributedLock(permits = 1_001)
        void run() {}
    }

    static class NegativePermits {
        @DistributedLock(permits = -2)
        void run() {}
    }

    static class SharedPermits {
        @DistributedLock(permits = 2, mode = LockMode.SHARED)
        void run() {}
    }

    static class SharedCollection {
        @DistributedLock(key = "'x:' + #ids", mode = LockMode.SHARED)
        void run(List<String> ids) {}
    }

    static class SharedList {
        @DistributedLock(key = "{#from, #to}", mode = LockMode.SHARED)
        void run(String from, String to) {}
    }

    static class CollectionOfPermits {
        @DistributedLock(key = "#p0", permits = 2)
        void run(long[] ids) {}
    }

    static class BadMaxHold {
        @DistributedLock(maxHold = "long")
        void run() {}
    }

    static class NegativeMaxHold {
        @DistributedLock(maxHold = "-1s")
        void run() {}
    }

    static class BadHoldAtLeast {
        @DistributedLock(holdAtLeast = "5")
        void run() {}
    }

    static class HeldLongerThanAllowed {
        @DistributedLock(holdAtLeast = "${no.such:1m}", maxHold = "30s")
        void run() {}
    }

    static class JoinsInProjection {
        @DistributedLock(key = "#ids.!['order:' + #this]")
        void run(List<String> ids) {}
    }

    static class BadCondition {
        @DistributedLock(condition = "#id >")
        void run(long id) {}
    }

    static class ConditionOfNoBoolean {
        @DistributedLock(condition = "'yes'")
        void run() {}
    }

    static class ConditionWithoutHash {
        @DistributedLock(condition = "id > 5")
        void run(long id) {}
    }

    static class ConditionOnUnknown {
        @DistributedLock(condition = "#order.total > 5")
        void run(long id) {}
    }

    @Configuration(proxyBeanMethods = false)
    static class LockedBeanMethod {
        @Bean
        @DistributedLock
        public Object run() {
            return new Object();
        }
    }

    @Configuration
    static class LockedStaticBeanMethod {
        @Bean
        @DistributedLock
        static Object run() {
            return new Object();
        }
    }

    @Configuration
    @DistributedLock
    static class LockedConfiguration {
        @Bean
        public Object run() {
            return new Object();
        }
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

    @Retention(RetentionPolicy.RUNTIME)
    @DistributedLock(name = "own")
    @interface OwnLock {}

    static class NotOnInterfaceByOwnAnnotation implements Unrelated {
        @Override
        public void other() {}

        @OwnLock
        public void run() {}
    }

    static class OverridesNotOnInterface extends NotOnInterface {
        @Override
        public void run() {}
    }

    interface Handler<T> {
        void handle(T what);
    }

    static class OnGenericInterface implements Handler<String> {
        @Override
        @DistributedLock(name = "handler", key = "#what")
        public void handle(String what) {}
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

    static class TargetFactory implements FactoryBean<Target> {
        @Override
        public Target getObject() {
            return new Target();
        }

        @Override
        public Class<?> getObjectType() {
            return Target.class;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class EarlyFactory {
        @Bean
        static TargetFactory target() {
            return new TargetFactory();
        }

        @Bean
        static BeanFactoryPostProcessor needsTarget() {
            return beanFactory -> beanFactory.getBean("target");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class PrototypeHolder {
        @Bean
        @Scope("prototype")
        Scoped good() {
            return new Scoped();
        }

        @Bean
        @Scope("prototype")
        FinalMethod bad() {
            return new FinalMethod();
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
