package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockUnavailableException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.annotation.AliasFor;
import org.springframework.test.util.AopTestUtils;

class DistributedLockTests {

    @Test
    void holdsTheLockDuringTheMethodAndReleasesItAfterwards() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            assertThat(orders.ship(new Order(7, "eu"))).isEqualTo("shipped 7 with token 1");
            assertThat(registry.log).containsExactly("acquire order:7", "release order:7");
        });
    }

    @Test
    void releasesTheLockWhenTheMethodThrows() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            assertThatThrownBy(orders::fail)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasNoSuppressedExceptions();
            assertThat(registry.log).containsExactly("acquire failing", "release failing");
        });
    }

    @Test
    void namesWithoutKeyStandAlone() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.named();
            assertThat(registry.log).contains("acquire nightly");
            assertThat(options(registry, "nightly").metricName()).isEqualTo("nightly");
        });
    }

    @Test
    void nameAndKeyAreJoined() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.namedAndKeyed(5);
            assertThat(registry.log).contains("acquire orders:5");
            assertThat(options(registry, "orders:5").metricName()).isEqualTo("orders");
        });
    }

    @Test
    void theMethodIsTheNameWhereNoneIsGiven() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.unnamed();
            String name = Orders.class.getName() + ".unnamed";
            assertThat(registry.log).contains("acquire " + name);
            assertThat(options(registry, name).metricName()).isEqualTo("Orders.unnamed");
        });
    }

    @Test
    void statedOptionsReplaceTheDefaultsOfTheRegistry() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.withOptions();
            assertThat(options(registry, "options"))
                    .isEqualTo(registry.defaults()
                            .withTtl(Duration.ofSeconds(45))
                            .withWaitTime(Duration.ofMinutes(1))
                            .withRenew(false)
                            .withMaxHold(Duration.ofMinutes(2))
                            .withHoldAtLeast(Duration.ofSeconds(3))
                            .withMetricName("options"));
        });
    }

    @Test
    void textAttributesTakePlaceholders() {
        LockedContext.with(Placeholders.class)
                .withPropertyValues("app.lock=imports", "app.ttl=PT20S", "app.field=region")
                .run(context -> {
                    context.getBean(Placeholders.class).run(new Order(1, "eu"));
                    FakeLockRegistry registry = context.getBean(FakeLockRegistry.class);
                    assertThat(registry.log).contains("acquire imports:eu");
                    assertThat(options(registry, "imports:eu").ttl()).hasSeconds(20);
                    assertThat(options(registry, "imports:eu").waitTime()).hasSeconds(3);
                });
    }

    @Test
    void keysReadArgumentsByPositionRootAndBeans() {
        LockedContext.run(Keys.class, (keys, registry) -> {
            keys.byPosition("x");
            keys.byRoot("y");
            keys.byBean("z");
            assertThat(registry.log)
                    .contains("acquire x", "acquire byRoot-y", "acquire Z!")
                    .hasSize(6);
        });
    }

    @Test
    void numbersInAKeyAreAddedAndTextsJoined() {
        LockedContext.run(Keys.class, (keys, registry) -> {
            keys.arithmetic(1, 2);
            assertThat(registry.log).contains("acquire 3:2");
        });
    }

    @Test
    void enumsOptionalsAndIdsBecomeTheirText() {
        LockedContext.run(Keys.class, (keys, registry) -> {
            keys.any(OnBusy.SKIP);
            keys.any(Optional.of(5L));
            assertThat(registry.log).contains("acquire SKIP", "acquire 5");
        });
    }

    static List<@Nullable Object> valuesThatAreNoKey() {
        return java.util.Arrays.asList(
                null,
                "",
                "  ",
                Optional.empty(),
                List.of(),
                new int[0],
                java.util.Map.of(1, 1),
                java.nio.file.Path.of("a", "b"),
                new Object());
    }

    @ParameterizedTest
    @MethodSource("valuesThatAreNoKey")
    void keysWithoutAValueOfTheirOwnAreRefusedBeforeTheMethodRuns(@Nullable Object value) {
        LockedContext.run(Keys.class, (keys, registry) -> {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> keys.any(value))
                    .withMessageContaining("Keys.any")
                    .withMessageContaining("#value")
                    .withMessageContaining("was not called");
            assertThat(AopTestUtils.<Keys>getTargetObject(keys).calls).isZero();
            assertThat(registry.log).isEmpty();
        });
    }

    @Test
    void nullWithinAConcatenationIsRefused() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> orders.ship(new Order(null, "eu")))
                    .withMessageContaining("#order.id is null");
            assertThat(registry.log).isEmpty();
        });
    }

    @Test
    void aFailingKeyExpressionNamesTheMethod() {
        LockedContext.run(
                Orders.class,
                (orders, registry) -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> orders.ship(null))
                        .withMessageContaining("Orders.ship")
                        .withMessageContaining("'order:' + #order.id"));
    }

    @Test
    void busyLockThrows() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            registry.busy.add("nightly");
            assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(orders::named);
        });
    }

    @Test
    void skippedCallsReturnNothing() {
        LockedContext.run(Skipping.class, (skipping, registry) -> {
            registry.busy.add("skip");
            assertThat(skipping.text()).isNull();
            assertThat(skipping.optional()).isEmpty();
            skipping.nothing();
            assertThat(AopTestUtils.<Skipping>getTargetObject(skipping).calls).isZero();
            registry.busy.clear();
            assertThat(skipping.text()).isEqualTo("ran");
        });
    }

    @Test
    void interruptWhileWaitingIsRethrownWhereDeclared() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(orders::interruptible).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
        });
    }

    @Test
    void interruptWhileWaitingIsUnavailableWithTheFlagRestoredElsewhere() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(orders::named)
                    .isInstanceOf(LockUnavailableException.class)
                    .hasMessageContaining("nightly")
                    .hasCauseInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
        });
    }

    @Test
    void aMetaAnnotationPassesItsAttributesOn() {
        LockedContext.run(Composed.class, (composed, registry) -> {
            composed.run(3);
            assertThat(registry.log).contains("acquire account:3");
            assertThat(options(registry, "account:3").renew()).isFalse();
            assertThat(options(registry, "account:3").ttl()).hasSeconds(15);
        });
    }

    @Test
    void aMetaAnnotationCanPassEveryAttributeOn() {
        LockedContext.with(Composed.class).withPropertyValues("app.hold=1m").run(context -> {
            FakeLockRegistry registry = context.getBean(FakeLockRegistry.class);
            Composed composed = context.getBean(Composed.class);
            assertThat(composed.everything("a", true)).isEqualTo("ran");
            assertThat(registry.log).contains("acquire pool:a as one of 2");
            assertThat(options(registry, "pool:a").maxHold()).hasMinutes(1);
            assertThat(options(registry, "pool:a").holdAtLeast()).hasSeconds(1);
            registry.busy.add("pool:a");
            assertThat(composed.everything("a", true)).isEqualTo("busy");
            assertThat(composed.everything("a", false)).isEqualTo("ran");
            composed.reads();
            assertThat(registry.log).contains("acquire reading as reader");
        });
    }

    @Test
    void anUnlockedContextTellsASelfInvocation() {
        LockedContext.run(Orders.class, (orders, registry) -> {
            orders.checked();
            assertThatThrownBy(orders::callsItself)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("called past its proxy");
        });
    }

    @Test
    void onAClassItCoversWhatIsDeclaredThere() {
        LockedContext.run(WholeClass.class, (whole, registry) -> {
            whole.one();
            whole.packagePrivate();
            assertThat(whole.toString()).isEqualTo("plain");
            whole.special();
            assertThat(registry.log)
                    .containsExactly(
                            "acquire whole",
                            "release whole",
                            "acquire whole",
                            "release whole",
                            "acquire special",
                            "release special");
        });
    }

    @Test
    void isInheritedFromSuperclassesAndInterfaces() {
        LockedContext.run(Inheriting.class, (inheriting, registry) -> {
            inheriting.fromInterface("a");
            inheriting.fromSuperclass();
            inheriting.fromGeneric("g");
            assertThat(registry.log)
                    .contains("acquire i:a", "acquire super", "acquire generic:g")
                    .hasSize(6);
        });
    }

    @Test
    void outsideOfALockedMethodThereIsNoContext() {
        assertThat(LockContext.find()).isEmpty();
        assertThatThrownBy(LockContext::current)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("@DistributedLock");
    }

    private static LockOptions options(FakeLockRegistry registry, String name) {
        LockOptions options = registry.optionsByName.get(name);
        assertThat(options).as("options of " + name).isNotNull();
        return java.util.Objects.requireNonNull(options);
    }

    record Order(@Nullable Integer id, String region) {}

    static class Orders {

        @DistributedLock(key = "'order:' + #order.id")
        String ship(@Nullable Order order) {
            return "shipped " + java.util.Objects.requireNonNull(order).id() + " with token "
                    + LockContext.current().fencingToken();
        }

        @DistributedLock(name = "failing")
        void fail() {
            throw new UnsupportedOperationException();
        }

        @DistributedLock(name = "nightly")
        void named() {}

        @DistributedLock(name = "orders", value = "#id")
        void namedAndKeyed(int id) {}

        @DistributedLock
        void unnamed() {}

        @DistributedLock(
                name = "options",
                ttl = "45s",
                waitTime = "PT1M",
                renew = false,
                maxHold = "2m",
                holdAtLeast = "PT3S")
        void withOptions() {}

        @DistributedLock(name = "checked")
        void checked() {
            LockContext.ensureHeld();
            assertThat(LockContext.fencingToken())
                    .isEqualTo(LockContext.current().fencingToken());
            assertThat(LockContext.current("checked")).isSameAs(LockContext.current());
            assertThatThrownBy(() -> LockContext.current("other"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("holds 'other'; the innermost holds 'checked'");
        }

        void callsItself() {
            checked();
        }

        @DistributedLock(name = "interruptible")
        void interruptible() throws InterruptedException {}
    }

    static class Placeholders {

        @DistributedLock(
                name = "${app.lock}",
                key = "#order.${app.field}",
                ttl = "${app.ttl}",
                waitTime = "${app.wait:3s}")
        void run(Order order) {}
    }

    static class Keys {

        int calls;

        @DistributedLock(key = "#p0")
        void byPosition(String argument) {}

        @DistributedLock(key = "#root.methodName + '-' + args[0]")
        void byRoot(String argument) {}

        @DistributedLock(key = "@lockedContextNames.of(#argument)")
        void byBean(String argument) {}

        @DistributedLock(key = "#a + #b - 0 + ':' + #b")
        void arithmetic(int a, int b) {}

        @DistributedLock(key = "#value")
        void any(@Nullable Object value) {
            calls++;
        }

        @org.springframework.context.annotation.Bean
        static Names lockedContextNames() {
            return new Names();
        }
    }

    static class Names {

        public String of(String text) {
            return text.toUpperCase(java.util.Locale.ROOT) + "!";
        }
    }

    static class Skipping {

        int calls;

        @DistributedLock(name = "skip", onBusy = OnBusy.SKIP)
        @Nullable
        String text() {
            calls++;
            return "ran";
        }

        @DistributedLock(name = "skip", onBusy = OnBusy.SKIP)
        Optional<String> optional() {
            calls++;
            return Optional.of("ran");
        }

        @DistributedLock(name = "skip", onBusy = OnBusy.SKIP)
        void nothing() {
            calls++;
        }
    }

    @Retention(RetentionPolicy.RUNTIME)
    @DistributedLock(name = "account", ttl = "15s", renew = false)
    @interface AccountLock {

        @AliasFor(annotation = DistributedLock.class, attribute = "key")
        String value();
    }

    @Retention(RetentionPolicy.RUNTIME)
    @DistributedLock(name = "pool", key = "#id")
    @interface PoolLock {

        @AliasFor(annotation = DistributedLock.class)
        int permits();

        @AliasFor(annotation = DistributedLock.class)
        String maxHold();

        @AliasFor(annotation = DistributedLock.class, attribute = "holdAtLeast")
        String minimum();

        @AliasFor(annotation = DistributedLock.class, attribute = "condition")
        String when();

        @AliasFor(annotation = DistributedLock.class, attribute = "fallback")
        String otherwise();
    }

    @Retention(RetentionPolicy.RUNTIME)
    @DistributedLock
    @interface ReadLock {

        @AliasFor(annotation = DistributedLock.class, attribute = "name")
        String value();

        @AliasFor(annotation = DistributedLock.class)
        LockMode mode() default LockMode.SHARED;
    }

    static class Composed {

        @PoolLock(
                permits = 2,
                maxHold = "${app.hold:1h}",
                minimum = "1s",
                when = "#locked",
                otherwise = "${app.fallback:busy}")
        String everything(String id, boolean locked) {
            return "ran";
        }

        private String busy(String id, boolean locked) {
            return "busy";
        }

        @ReadLock("reading")
        void reads() {}

        @AccountLock("#id")
        void run(int id) {}
    }

    @DistributedLock(name = "whole")
    static class WholeClass {

        void one() {
            helper();
            helper(this);
        }

        void packagePrivate() {}

        @DistributedLock(name = "special")
        void special() {}

        private void helper() {}

        static void helper(WholeClass whole) {}

        @Override
        public String toString() {
            return "plain";
        }
    }

    interface Locked<T> {

        @DistributedLock(name = "i", key = "#p0")
        void fromInterface(String argument);

        @DistributedLock(name = "generic", key = "#p0")
        void fromGeneric(T argument);
    }

    abstract static class Base {

        @DistributedLock(name = "super")
        void fromSuperclass() {}
    }

    static class Inheriting extends Base implements Locked<String> {

        @Override
        public void fromInterface(String argument) {}

        @Override
        public void fromGeneric(String argument) {}

        @Override
        void fromSuperclass() {}
    }
}
