package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockHandle;
import io.reactivex.rxjava3.core.Single;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** The condition of a method whose result is subscribed to, maybe more than once. */
class PublisherConditionTests {

    @AfterEach
    void nothingIsLeftOnTheThread() {
        assertThat(LockContext.find()).isEmpty();
    }

    @Test
    void eachSubscriptionToAMonoAsksItAnew() {
        run((jobs, registry, target) -> {
            Mono<String> mono = jobs.one();
            assertThat(target.calls).hasValue(0);
            target.exclusive = false;
            assertThat(mono.block()).isEqualTo("none");
            assertThat(registry.log).isEmpty();
            target.exclusive = true;
            assertThat(mono.block()).isEqualTo("job");
            assertThat(registry.log).containsExactly("acquire job", "release job");
            target.exclusive = false;
            assertThat(mono.block()).isEqualTo("none");
            assertThat(registry.log).hasSize(2);
            assertThat(target.calls).hasValue(3);
        });
    }

    @Test
    void eachSubscriptionToAFluxAsksItAnew() {
        run((jobs, registry, target) -> {
            Flux<String> flux = jobs.many();
            assertThat(target.calls).hasValue(0);
            target.exclusive = true;
            assertThat(flux.collectList().block()).containsExactly("job", "job");
            assertThat(registry.log).containsExactly("acquire job", "release job");
            target.exclusive = false;
            assertThat(flux.collectList().block()).containsExactly("none", "none");
            assertThat(registry.log).hasSize(2);
            target.exclusive = true;
            assertThat(flux.collectList().block()).containsExactly("job", "job");
            assertThat(registry.log).hasSize(4);
        });
    }

    @Test
    void eachSubscriptionThroughAnAdapterAsksItAnew() {
        run((jobs, registry, target) -> {
            Single<String> single = jobs.single();
            assertThat(single.blockingGet()).isEqualTo("none");
            target.exclusive = true;
            assertThat(single.blockingGet()).isEqualTo("job");
        });
    }

    @Test
    void aSubscriptionKeepsWhatItWasToldWhileAnotherIsToldOtherwise() {
        run((jobs, registry, target) -> {
            Mono<String> mono = jobs.waiting();
            List<String> values = new ArrayList<>();
            mono.subscribe(value -> values.add(value + " unlocked " + registry.isHeld("job")));
            target.exclusive = true;
            mono.subscribe(value -> values.add(value + " locked " + registry.isHeld("job")));
            assertThat(registry.isHeld("job")).isTrue();
            target.exclusive = false;
            target.go.tryEmitValue("go");
            assertThat(values).containsExactly("go unlocked true", "go locked false");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void subscriptionsAtTheSameTimeCallTheMethodOnceEach() {
        LockedContext.with(Jobs.class, InnerAdvice.class)
                .withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class))
                .run(context -> {
                    Mono<String> mono = context.getBean(Jobs.class).one();
                    List<String> values = Flux.range(0, 200)
                            .flatMap(n -> mono.subscribeOn(Schedulers.parallel()), 200)
                            .collectList()
                            .block();
                    assertThat(values).hasSize(200).containsOnly("none");
                    assertThat(context.getBean(InnerAdvice.class).calls).hasValue(200);
                });
    }

    @Test
    void itsErrorIsThatOfTheSubscription() {
        run((jobs, registry, target) -> {
            Mono<String> mono = jobs.anything(null);
            assertThatThrownBy(mono::block)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("its condition #value is null, not true or false");
            Flux<String> flux = jobs.anythingMany("true");
            assertThatThrownBy(flux::blockLast)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is of type java.lang.String");
            assertThat(target.calls).hasValue(0);
            assertThat(registry.log).isEmpty();
        });
    }

    @Test
    void whereItIsFalseTheKeyIsNotAskedFor() {
        run((jobs, registry, target) -> {
            assertThat(jobs.withId("").block()).isEqualTo("none");
            assertThat(jobs.withId("x").block()).isEqualTo("x");
            assertThat(registry.log).containsExactly("acquire x", "release x");
        });
    }

    @Test
    void whereItIsFalseTheContextOfTheSubscriberReachesTheMethodWithTheHoldAroundIt() {
        run((jobs, registry, target) -> {
            assertThat(jobs.user()
                            .contextWrite(context -> context.put("user", "ann"))
                            .block())
                    .isEqualTo("ann");
            assertThat(jobs.around(jobs.one()).block()).isEqualTo("outer");
            assertThat(registry.log).containsExactly("acquire outer", "release outer");
        });
    }

    @Test
    void whereItIsFalseAnErrorOfTheMethodIsThatOfTheSubscription() {
        run((jobs, registry, target) -> {
            Mono<String> throwing = jobs.throwing();
            assertThatThrownBy(throwing::block).isInstanceOf(UnsupportedOperationException.class);
            Mono<String> nothing = jobs.nothing();
            assertThatThrownBy(nothing::block)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Jobs.nothing returned null instead of a Mono");
        });
    }

    private static void run(LockedContext.TargetBody<Jobs> body) {
        LockedContext.runWithTarget(Jobs.class, body);
    }

    static class Jobs {

        final AtomicInteger calls = new AtomicInteger();
        final Sinks.One<String> go = Sinks.one();
        volatile boolean exclusive;

        public boolean isExclusive() {
            return exclusive;
        }

        @DistributedLock(name = "job", condition = "#root.target.exclusive")
        Mono<String> one() {
            calls.incrementAndGet();
            return nameOfLock();
        }

        @DistributedLock(name = "job", condition = "#root.target.exclusive")
        Flux<String> many() {
            calls.incrementAndGet();
            return Flux.concat(nameOfLock(), nameOfLock());
        }

        @DistributedLock(name = "job", condition = "#root.target.exclusive")
        Single<String> single() {
            return Single.just(LockContext.find().map(LockHandle::name).orElse("none"));
        }

        @DistributedLock(name = "job", condition = "#root.target.exclusive")
        Mono<String> waiting() {
            return go.asMono();
        }

        @DistributedLock(name = "job", condition = "#value")
        Mono<String> anything(@Nullable Object value) {
            calls.incrementAndGet();
            return nameOfLock();
        }

        @DistributedLock(name = "job", condition = "#value")
        Flux<String> anythingMany(@Nullable Object value) {
            calls.incrementAndGet();
            return nameOfLock().flux();
        }

        @DistributedLock(key = "#id", condition = "#id != ''")
        Mono<String> withId(String id) {
            return nameOfLock();
        }

        @DistributedLock(name = "job", condition = "false")
        Mono<String> user() {
            return Mono.deferContextual(context -> Mono.just(context.<String>get("user")));
        }

        @DistributedLock(name = "outer")
        Mono<String> around(Mono<String> inner) {
            return inner;
        }

        @DistributedLock(name = "job", condition = "false")
        Mono<String> throwing() {
            throw new UnsupportedOperationException();
        }

        @DistributedLock(name = "job", condition = "false")
        @SuppressWarnings("NullAway")
        Mono<String> nothing() {
            return null;
        }

        private static Mono<String> nameOfLock() {
            return Mono.deferContextual(context -> Mono.just(
                    ReactiveLockContext.find(context).map(LockHandle::name).orElse("none")));
        }
    }

    /** As transactions are: advice further in than the lock. */
    static class InnerAdvice extends StaticMethodMatcherPointcutAdvisor {

        final AtomicInteger calls = new AtomicInteger();

        InnerAdvice() {
            setAdvice((MethodInterceptor) invocation -> {
                calls.incrementAndGet();
                return invocation.proceed();
            });
        }

        @Override
        public boolean matches(java.lang.reflect.Method method, Class<?> type) {
            return type == Jobs.class;
        }
    }
}
