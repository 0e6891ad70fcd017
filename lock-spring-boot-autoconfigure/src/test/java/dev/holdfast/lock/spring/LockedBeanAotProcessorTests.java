package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.aot.hint.predicate.RuntimeHintsPredicates.reflection;

import java.lang.reflect.Method;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.env.MapPropertySource;
import org.springframework.javapoet.ClassName;
import org.springframework.util.ClassUtils;

/** What a native image is told; that the hints are enough only one could show. */
class LockedBeanAotProcessorTests {

    private static final MapPropertySource BUILD = new MapPropertySource(
            "build", Map.of("build.key", "@plants.current()", "build.fallback", "lastByProperty"));

    private final RuntimeHints hints = process();

    @Test
    void annotatedMethodsAreFound() {
        assertThat(reflection().onMethodInvocation(Orders.class, "ship")).accepts(hints);
        assertThat(reflection().onMethodInvocation(Orders.class, "plain")).accepts(hints);
    }

    @Test
    void methodsOfAnAnnotatedInterfaceAreFound() {
        assertThat(reflection().onMethodInvocation(Reports.class, "build")).accepts(hints);
    }

    @Test
    void whatAnExpressionReadsOfAnArgumentIsReachable() {
        assertThat(reflection().onMethodInvocation(Order.class, "id")).accepts(hints);
        assertThat(reflection().onMethodInvocation(Address.class, "getZip")).accepts(hints);
        assertThat(reflection().onMethodInvocation(Visit.class, "reason")).accepts(hints);
    }

    @Test
    void theRootOfExpressionsIsReachable() {
        assertThat(reflection().onMethodInvocation(KeyRoot.class, "target")).accepts(hints);
        assertThat(reflection().onMethodInvocation(KeyRoot.class, "getMethodName"))
                .accepts(hints);
    }

    @Test
    void aBeanInAnExpressionIsReachable() {
        assertThat(reflection().onType(Tenants.class).withMemberCategory(MemberCategory.INVOKE_PUBLIC_METHODS))
                .accepts(hints);
    }

    @Test
    void aTypeInAnExpressionIsReachable() {
        assertThat(reflection().onMethodInvocation(Prefixes.class, "order")).accepts(hints);
    }

    @Test
    void placeholdersNeedNoValueAtBuildTime() {
        assertThat(reflection().onMethodInvocation(Orders.class, "configured")).accepts(hints);
        assertThat(reflection().onType(Shard.class).withMemberCategory(MemberCategory.INVOKE_PUBLIC_METHODS))
                .accepts(hints);
    }

    @ParameterizedTest
    @ValueSource(classes = {Regions.class, Zones.class, Plants.class})
    void aBeanInAPlaceholderIsReachableFromDefaultsAndFromTheProperties(Class<?> bean) {
        assertThat(reflection().onType(bean).withMemberCategory(MemberCategory.INVOKE_PUBLIC_METHODS))
                .accepts(hints);
    }

    @Test
    void aFallbackInAPlaceholderIsReachable() {
        // Without those that Spring registers for a proxy.
        RuntimeHints own = new RuntimeHints();
        Method method = ClassUtils.getMethod(Jobs.class, "run");
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            context.getEnvironment().getPropertySources().addFirst(BUILD);
            context.refresh();
            new LockHints(context.getBeanFactory(), Jobs.class)
                    .register(own, method, MergedAnnotations.from(method).get(DistributedLock.class));
        }
        assertThat(reflection().onMethodInvocation(Jobs.class, "lastByDefault")).accepts(own);
        assertThat(reflection().onMethodInvocation(Jobs.class, "lastByProperty"))
                .accepts(own);
    }

    @Test
    void aPlaceholderWithinAPlaceholderNeedsNoValueAtBuildTime() {
        assertThat(reflection().onType(Lanes.class).withMemberCategory(MemberCategory.INVOKE_PUBLIC_METHODS))
                .accepts(hints);
    }

    @Test
    void whatHasNoLockIsLeftAlone() {
        assertThat(reflection().onMethodInvocation(Unlocked.class, "run")).rejects(hints);
    }

    private static RuntimeHints process() {
        DefaultGenerationContext generated = new DefaultGenerationContext(
                new ClassNameGenerator(ClassName.get(LockedBeanAotProcessorTests.class)), new InMemoryGeneratedFiles());
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            context.register(LockedContext.Locks.class, Orders.class, Reports.class, Unlocked.class);
            context.registerBean("tenants", Tenants.class);
            context.registerBean("regions", Regions.class);
            context.registerBean("zones", Zones.class);
            context.registerBean("plants", Plants.class);
            context.registerBean("lanes", Lanes.class);
            context.getEnvironment().getPropertySources().addFirst(BUILD);
            new ApplicationContextAotGenerator().processAheadOfTime(context, generated);
        }
        return generated.getRuntimeHints();
    }

    record Address(String street, String zip) {
        public String getZip() {
            return zip;
        }
    }

    record Order(long id, Address address) {}

    record Visit(String reason) {}

    record Shard(String name) {}

    static class Regions extends Tenants {}

    static class Zones extends Tenants {}

    static class Plants extends Tenants {}

    static class Lanes extends Tenants {}

    static class Tenants {
        public String current() {
            return "a";
        }
    }

    static class Prefixes {
        public static String order() {
            return "order";
        }
    }

    static class Orders {

        @DistributedLock(
                key =
                        "T(dev.holdfast.lock.spring.LockedBeanAotProcessorTests$Prefixes).order() + ':' + #order.id + #order.address.zip")
        void ship(Order order) {}

        @DistributedLock("'visit:' + @tenants.current() + #visit.reason()")
        void visit(Visit visit) {}

        @DistributedLock(name = "plain")
        void plain() {}

        @DistributedLock("'${a.property.without.value}' + #shard")
        void configured(Shard shard) {}

        @DistributedLock("${no.such:${neither:@regions.current()}}")
        void nestedDefault() {}

        @DistributedLock("${build.key:@zones.current()}")
        void replacedDefault() {}

        @DistributedLock("${a.${property}.without.value} + @lanes.current()")
        void nestedName() {}
    }

    static class Jobs {

        @DistributedLock(fallback = "${build.fallback:lastByDefault}")
        public void run() {}

        @SuppressWarnings("unused")
        private void lastByDefault() {}

        @SuppressWarnings("unused")
        private void lastByProperty() {}
    }

    interface Reporting {
        @DistributedLock(name = "report")
        void build();
    }

    static class Reports implements Reporting {
        @Override
        public void build() {}
    }

    static class Unlocked {
        public void run() {}
    }
}
