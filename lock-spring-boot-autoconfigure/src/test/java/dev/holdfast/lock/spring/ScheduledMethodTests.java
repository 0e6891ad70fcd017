package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.scheduling.annotation.Schedules;
import org.springframework.test.util.AopTestUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** {@code @Scheduled} with a lock, on the memory store: two applications on one registry, as two instances on one etcd. */
class ScheduledMethodTests {

    @Test
    void aScheduledMethodRunsUnderItsLock() {
        run(Ordinary.class, (jobs, registry) -> {
            assertThat(AopTestUtils.<Ordinary>getTargetObject(jobs).seen.poll(10, TimeUnit.SECONDS))
                    .isEqualTo("ordinary held");
        });
    }

    @Test
    void anInstanceThatFindsTheLockTakenSkipsItsTurn() {
        run(Ordinary.class, (jobs, registry) -> {
            Ordinary target = AopTestUtils.getTargetObject(jobs);
            var other = registry.lock("ordinary").acquire();
            // One run may have begun before.
            target.seen.drainTo(new java.util.ArrayList<>());
            target.turns.set(0);
            Awaitility.await().until(() -> target.turns.get() > 3);
            assertThat(target.seen).isEmpty();
            other.release();
            assertThat(target.seen.poll(10, TimeUnit.SECONDS)).isEqualTo("ordinary held");
        });
    }

    @Test
    void aScheduledPublisherIsSubscribedToUnderItsLock() {
        run(Reactive.class, (jobs, registry) -> {
            Reactive target = AopTestUtils.getTargetObject(jobs);
            assertThat(target.seen.poll(10, TimeUnit.SECONDS)).isEqualTo("reactive");
            assertThat(target.seen.poll(10, TimeUnit.SECONDS)).isEqualTo("reactive");
        });
    }

    @Test
    void theConditionOfAScheduledPublisherIsAskedOnEachTurn() {
        run(Conditional.class, (jobs, registry) -> {
            Conditional target = AopTestUtils.getTargetObject(jobs);
            assertThat(target.seen.poll(10, TimeUnit.SECONDS)).isEqualTo("unlocked");
            target.flag.set(true);
            awaitTurn(target, "conditional held");
            assertThat(target.seen.poll(10, TimeUnit.SECONDS)).isEqualTo("conditional held");
            target.flag.set(false);
            awaitTurn(target, "unlocked");
            assertThat(target.seen.poll(10, TimeUnit.SECONDS)).isEqualTo("unlocked");
        });
    }

    /** A turn may have begun before. */
    private static void awaitTurn(Conditional jobs, String wanted) {
        Awaitility.await().until(() -> jobs.seen.poll(10, TimeUnit.SECONDS), wanted::equals);
    }

    @ParameterizedTest
    @ValueSource(classes = {WrongWaitTime.class, WrongFluxOfInterface.class, WrongAmongSeveral.class})
    void aWrongDeclarationOnAScheduledPublisherIsToldAsOnAnyOther(Class<?> type) {
        // Spring calls such a method while it makes the bean, and drops the cause of what the call throws: ours must
        // look first.
        for (Class<?>[] order : new Class<?>[][] {{Scheduling.class, Schedule.class}, {Schedule.class}}) {
            new ApplicationContextRunner()
                    .withUserConfiguration(order)
                    .withUserConfiguration(type)
                    .run(context -> assertThat(context)
                            .getFailure()
                            .rootCause()
                            .isInstanceOf(InvalidLockDeclarationException.class)
                            .hasMessageContaining(".run()")
                            .hasMessageContaining("waitTime = \"abc\", which is not a duration"));
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {NoRegistry.class, NoLazyRegistry.class})
    void aRegistryThatCannotBeMadeFailsTheStartWithItsOwnException(Class<?> registry) {
        for (Class<?> type : List.of(Reactive.class, NotScheduled.class)) {
            new ApplicationContextRunner()
                    .withUserConfiguration(registry, type)
                    .run(context -> assertThat(context)
                            .getFailure()
                            .rootCause()
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessage("no registry"));
        }
    }

    private static <T> void run(Class<T> type, Body<T> body) {
        new ApplicationContextRunner()
                .withUserConfiguration(Schedule.class, type)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    body.run(context.getBean(type), context.getBean(LockRegistry.class));
                });
    }

    private interface Body<T> {
        void run(T jobs, LockRegistry registry) throws Exception;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableScheduling
    @EnableDistributedLocks
    static class Schedule {

        @Bean
        LockRegistry lockRegistry() {
            return MemoryLockRegistry.create();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableScheduling
    static class Scheduling {}

    @Configuration(proxyBeanMethods = false)
    @EnableScheduling
    @EnableDistributedLocks
    static class NoRegistry {

        @Bean
        LockRegistry lockRegistry() {
            throw new IllegalStateException("no registry");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableScheduling
    @EnableDistributedLocks
    static class NoLazyRegistry {

        @Bean
        @Lazy
        LockRegistry lockRegistry() {
            throw new IllegalStateException("no registry");
        }
    }

    static class Ordinary {

        final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        final AtomicInteger turns = new AtomicInteger();

        @Scheduled(fixedDelay = 20)
        void turn() {
            turns.incrementAndGet();
        }

        @Scheduled(fixedDelay = 20)
        @DistributedLock(name = "ordinary", waitTime = "0s", onBusy = OnBusy.SKIP)
        void run() {
            seen.add("ordinary " + (LockContext.current().isHeld() ? "held" : "free"));
        }
    }

    static class Reactive {

        final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

        @Scheduled(fixedDelay = 20)
        @DistributedLock(name = "reactive", onBusy = OnBusy.SKIP)
        Mono<String> run() {
            return ReactiveLockContext.current()
                    .filter(lock -> lock.isHeld())
                    .map(lock -> lock.name())
                    .doOnNext(seen::add);
        }
    }

    static class Conditional {

        final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        final AtomicBoolean flag = new AtomicBoolean();

        @Bean
        AtomicBoolean flag() {
            return flag;
        }

        @Scheduled(fixedDelay = 20)
        @DistributedLock(name = "conditional", condition = "@flag.get()")
        Mono<String> run() {
            return Mono.deferContextual(context -> Mono.just(ReactiveLockContext.find(context)
                            .map(lock -> lock.name() + (lock.isHeld() ? " held" : " free"))
                            .orElse("unlocked")))
                    .doOnNext(seen::add);
        }
    }

    static class NotScheduled {

        @DistributedLock
        Mono<String> run() {
            return Mono.just("");
        }
    }

    static class WrongWaitTime {

        @Scheduled(fixedDelay = 20)
        @DistributedLock(waitTime = "abc")
        Mono<String> run() {
            return Mono.just("");
        }
    }

    interface Stream {

        @DistributedLock(waitTime = "abc")
        Flux<String> run();
    }

    static class WrongFluxOfInterface implements Stream {

        @Override
        @Scheduled(fixedDelay = 20)
        public Flux<String> run() {
            return Flux.just("");
        }
    }

    @DistributedLock(waitTime = "abc")
    static class WrongAmongSeveral {

        @Schedules({@Scheduled(fixedDelay = 20), @Scheduled(fixedRate = 20)})
        Mono<String> run() {
            return Mono.just("");
        }
    }
}
