package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.test.util.AopTestUtils;

class CollectionKeyTests {

    @Test
    void locksAllElementsAtOnceUnderTheName() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            assertThat(orders.named(List.of(3, 1, 2))).isEqualTo(1L);
            assertThat(registry.log)
                    .containsExactly("acquire order:3, order:1, order:2", "release order:3, order:1, order:2");
        });
    }

    @Test
    void arraysAndProjectionsAreCollectionsToo() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.array(new long[] {5, 6});
            orders.projected(List.of(new Order("a"), new Order("b")));
            orders.listed("x", 2);
            assertThat(registry.log).contains("acquire 5, 6", "acquire order:a, order:b", "acquire l:x, l:2");
        });
    }

    @Test
    void textsAroundACollectionGoToEachElement() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.around("eu", new TreeSet<>(Set.of("x", "y")));
            assertThat(registry.log).contains("acquire orders:eu:x!, orders:eu:y!");
        });
    }

    @Test
    void duplicatesCountOnceAndOneElementIsAnOrdinaryLock() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.named(List.of(1, 2, 1));
            orders.named(List.of(7, 7));
            assertThat(registry.log).contains("acquire order:1, order:2", "acquire order:7");
            assertThat(registry.optionsByName).containsKey("order:7");
        });
    }

    @Test
    void elementsWithoutAValueAreRefusedBeforeTheMethodRuns() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            for (Collection<@Nullable Object> bad :
                    List.of(Arrays.<@Nullable Object>asList(1, null), Arrays.<@Nullable Object>asList(1, " "))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> orders.any(bad))
                        .withMessageContaining("Orders.any")
                        .withMessageContaining("an element of #values is ");
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> orders.any(List.of(1, List.of(2))))
                    .withMessageContaining("an element of #values is a collection");
            assertNothingRan(orders, registry);
        });
    }

    @Test
    void aListOfTextsWithAPartMissingIsRefusedBeforeTheMethodRuns() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.transfer("4", "17");
            assertThat(registry.log).contains("acquire account:4, account:17");
            registry.log.clear();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> orders.transfer(null, "17"))
                    .withMessageContaining("#from is null");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> orders.transfer("4", " "))
                    .withMessageContaining("#to is blank");
            assertThat(registry.log).isEmpty();
        });
    }

    @Test
    void anEmptyCollectionIsRefusedUnlessTheConditionExcludesIt() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> orders.any(List.of()))
                    .withMessageContaining("#values is empty")
                    .withMessageContaining("condition");
            assertNothingRan(orders, registry);
            assertThat(orders.unlessEmpty(List.of())).isZero();
            assertThat(registry.log).isEmpty();
            assertThat(orders.unlessEmpty(List.of("a"))).isEqualTo(1);
        });
    }

    @Test
    void moreThanSixtyDifferentElementsAreRefused() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            List<Object> many = new ArrayList<>(IntStream.range(0, 60).boxed().toList());
            orders.any(many);
            many.add(0);
            orders.any(many);
            many.add(60);
            registry.log.clear();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> orders.any(many))
                    .withMessageContaining("61 different elements")
                    .withMessageContaining("at most 60");
            assertThat(registry.log).isEmpty();
        });
    }

    @Test
    void twoCollectionsInOneKeyAreRefused() {
        LockedContext.run(
                Orders.class,
                (orders, registry) -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> orders.two(List.of(1), List.of(2)))
                        .withMessageContaining("#b is a collection"));
    }

    @Test
    void aCollectionFoundAtRunTimeOnlyIsRefusedForASharedLock() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.shared("one");
            assertThat(registry.log).contains("acquire one as reader");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> orders.shared(List.of("one")))
                    .withMessageContaining("takes a shared lock");
        });
    }

    @Test
    void oneBusyElementMakesAllBusy() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            registry.busy.add("order:2");
            assertThatExceptionOfType(LockNotAcquiredException.class)
                    .isThrownBy(() -> orders.named(List.of(1, 2)))
                    .withMessageContaining("order:1, order:2");
            assertThat(registry.isHeld("order:1")).isFalse();
        });
    }

    @Test
    void lossUnderOneNameIsLossOfAll() {
        LockedContext.run(
                Orders.class,
                (orders, registry) -> assertThatThrownBy(() -> orders.lose(registry, List.of("a", "b")))
                        .isInstanceOf(LockLostException.class)
                        .hasMessageContaining("a, b"));
    }

    private static void assertNothingRan(Orders orders, FakeLockRegistry registry) {
        assertThat(AopTestUtils.<Orders>getTargetObject(orders).calls).isZero();
        assertThat(registry.log).isEmpty();
    }

    record Order(String id) {}

    static class Orders {

        int calls;

        @DistributedLock(name = "order", key = "#ids")
        long named(Collection<Integer> ids) {
            ids.forEach(id -> assertThat(LockContext.current("order:" + id)).isSameAs(LockContext.current()));
            return LockContext.fencingToken();
        }

        @DistributedLock(key = "#ids")
        void array(long[] ids) {}

        @DistributedLock(key = "'order:' + #orders.![id]")
        void projected(List<Order> orders) {}

        @DistributedLock(name = "l", key = "{#a, #b}")
        void listed(String a, int b) {}

        @DistributedLock(key = "{'account:' + #from, 'account:' + #to}")
        void transfer(@Nullable String from, String to) {}

        @DistributedLock(name = "orders", key = "#region + ':' + #ids + '!'")
        void around(String region, Set<String> ids) {}

        @DistributedLock(key = "#values")
        void any(Collection<?> values) {
            calls++;
        }

        @DistributedLock(key = "#values", condition = "!#values.isEmpty()")
        int unlessEmpty(Collection<String> values) {
            assertThat(LockContext.find().isPresent()).isEqualTo(!values.isEmpty());
            return values.size();
        }

        @DistributedLock(key = "#a + ':' + #b")
        void two(List<Integer> a, List<Integer> b) {}

        @DistributedLock(key = "#value", mode = LockMode.SHARED)
        void shared(Object value) {}

        @DistributedLock(key = "#ids", onLost = OnLost.THROW)
        void lose(FakeLockRegistry registry, List<String> ids) {
            registry.lose(ids.get(1));
        }
    }
}
