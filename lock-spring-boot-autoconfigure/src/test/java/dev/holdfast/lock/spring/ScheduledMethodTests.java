package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.test.util.AopTestUtils;
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
}
