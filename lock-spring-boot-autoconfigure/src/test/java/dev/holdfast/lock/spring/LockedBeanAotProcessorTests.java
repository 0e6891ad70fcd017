package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.aot.hint.predicate.RuntimeHintsPredicates.reflection;

import org.junit.jupiter.api.Test;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.javapoet.ClassName;

/** What a native image is told; that the hints are enough only one could show. */
class LockedBeanAotProcessorTests {

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
