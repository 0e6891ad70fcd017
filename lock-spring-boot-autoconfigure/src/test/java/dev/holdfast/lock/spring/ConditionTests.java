package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.test.util.AopTestUtils;

class ConditionTests {

    @Test
    void whereItIsFalseTheMethodRunsWithoutTheLock() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.large(5);
            assertThat(registry.log).isEmpty();
            orders.large(500);
            assertThat(registry.log).containsExactly("acquire large", "release large");
            assertThat(AopTestUtils.<Orders>getTargetObject(orders).calls).isEqualTo(2);
        });
    }

    @Test
    void theKeyIsNotAskedForWhereItIsFalse() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.withId(null);
            assertThat(registry.log).isEmpty();
            orders.withId("x");
            assertThat(registry.log).contains("acquire x");
        });
    }

    @Test
    void itReadsBeansRootAndPlaceholders() {
        LockedContext.with(Orders.class).withPropertyValues("app.locked=true").run(context -> {
            Orders orders = context.getBean(Orders.class);
            FakeLockRegistry registry = context.getBean(FakeLockRegistry.class);
            orders.byBean("eu");
            orders.byProperty();
            assertThat(registry.log).contains("acquire bean", "acquire property");
            orders.byBean("us");
            assertThat(registry.log).hasSize(4);
        });
        LockedContext.with(Orders.class).withPropertyValues("app.locked=false").run(context -> {
            context.getBean(Orders.class).byProperty();
            assertThat(context.getBean(FakeLockRegistry.class).log).isEmpty();
        });
    }

    @Test
    void anythingButTrueAndFalseIsRefusedBeforeTheMethodRuns() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> orders.any(null))
                    .withMessageContaining("Orders.any")
                    .withMessageContaining("its condition #value is null, not true or false")
                    .withMessageContaining("was not called");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> orders.any("true"))
                    .withMessageContaining("is of type java.lang.String");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> orders.failing(null))
                    .withMessageContaining("#value.length() > 3 cannot be evaluated");
            assertThat(AopTestUtils.<Orders>getTargetObject(orders).calls).isZero();
            assertThat(registry.log).isEmpty();
        });
    }

    static class Orders {

        int calls;

        @DistributedLock(name = "large", condition = "#total > 100")
        void large(int total) {
            calls++;
            assertThat(LockContext.find().isPresent()).isEqualTo(total > 100);
        }

        @DistributedLock(key = "#id", condition = "#id != null")
        void withId(@Nullable String id) {}

        @DistributedLock(name = "bean", condition = "@regions.isLocked(#region) and #root.methodName == 'byBean'")
        void byBean(String region) {}

        @DistributedLock(name = "property", condition = "${app.locked:true}")
        void byProperty() {}

        @DistributedLock(name = "any", condition = "#value")
        void any(@Nullable Object value) {
            calls++;
        }

        @DistributedLock(name = "any", condition = "#value.length() > 3")
        void failing(@Nullable String value) {
            calls++;
        }

        @org.springframework.context.annotation.Bean
        static Regions regions() {
            return new Regions();
        }
    }

    static class Regions {

        public boolean isLocked(String region) {
            return region.equals("eu");
        }
    }
}
