package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.test.util.AopTestUtils;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Asynchronous results on a real registry, whatever its store. */
@Timeout(60)
abstract class AsyncResultStoreTests {

    /** Adds a registry with a key space of its own. */
    abstract ApplicationContextRunner store(ApplicationContextRunner runner);

    /** Takes the lock away from its holder. */
    abstract void takeAway(String name);

    @Test
    void futuresExcludeEachOther() {
        run((jobs, target, registry) -> {
            List<CompletableFuture<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                all.add(jobs.increment());
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).get(30, TimeUnit.SECONDS);
            assertThat(target.counter).isEqualTo(50);
            assertThat(target.mostAtOnce).hasValue(1);
            assertFree(registry, "counter");
        });
    }

    @Test
    void publishersExcludeEachOtherAndFutures() {
        run((jobs, target, registry) -> {
            Flux.range(0, 50)
                    .flatMap(
                            i -> i % 2 == 0
                                    ? jobs.incrementLater().subscribeOn(Schedulers.parallel())
                                    : Mono.fromFuture(jobs::increment),
                            50)
                    .blockLast(Duration.ofSeconds(30));
            assertThat(target.counter).isEqualTo(50);
            assertThat(target.mostAtOnce).hasValue(1);
            assertFree(registry, "counter");
        });
    }

    @Test
    void theResultIsCompleteWhenTheLockIsFree() {
        run((jobs, target, registry) -> {
            for (int i = 0; i < 20; i++) {
                CompletableFuture<Boolean> free = jobs.increment()
                        .thenApply(value -> registry.lock("counter").tryAcquire())
                        .thenApply(handle -> {
                            handle.ifPresent(LockHandle::release);
                            return handle.isPresent();
                        });
                assertThat(free.get(10, TimeUnit.SECONDS)).isTrue();
            }
        });
    }

    /** The future begins when its lock is free, on another thread, and enters the lock of the method that began it. */
    @Test
    void whoEntersTheLockOfAMethodOnAnotherThreadKeepsItBeyondThatMethod() {
        run((jobs, target, registry) -> {
            LockHandle other = registry.lock("part").acquire();
            CompletableFuture<Void> began = CompletableFuture.runAsync(jobs::begin);
            target.part.join();
            other.release();
            began.get(30, TimeUnit.SECONDS);
            assertThat(registry.lock("whole").tryAcquire()).isEmpty();
            target.enough.countDown();
            Awaitility.await()
                    .until(() -> registry.lock("whole")
                            .tryAcquire()
                            .map(handle -> {
                                handle.release();
                                return true;
                            })
                            .orElse(false));
        });
    }

    @Test
    void aBusyLockFailsBothAfterTheWait() throws Exception {
        run((jobs, target, registry) -> {
            try (LockHandle other = registry.lock("brief").acquire()) {
                assertThat(other.isHeld()).isTrue();
                assertThatThrownBy(() -> jobs.brief().get(10, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(LockNotAcquiredException.class);
                assertThatThrownBy(() -> jobs.briefLater().block(Duration.ofSeconds(10)))
                        .isInstanceOf(LockNotAcquiredException.class);
            }
        });
    }

    @Test
    void cancelledWaitsLeaveNothingBehind() {
        run((jobs, target, registry) -> {
            LockHandle other = registry.lock("counter").acquire();
            CompletableFuture<Integer> future = jobs.increment();
            Disposable mono = jobs.incrementLater().subscribe();
            Awaitility.await().until(() -> registry.status().waiting() == 2);
            future.cancel(true);
            mono.dispose();
            Awaitility.await().until(() -> registry.status().waiting() == 0);
            other.release();
            assertFree(registry, "counter");
            assertThat(target.counter).isZero();
        });
    }

    @Test
    void callsCancelledAtAnyMomentGiveTheLockBack() {
        run((jobs, target, registry) -> {
            for (int round = 0; round < 40; round++) {
                CompletableFuture<String> future = jobs.hold("seat");
                Disposable mono = jobs.holdLater("seat").subscribe();
                if (round % 3 == 1) {
                    Awaitility.await().until(() -> registry.status().held() == 1);
                } else if (round % 3 == 2) {
                    Thread.yield();
                }
                future.cancel(true);
                mono.dispose();
            }
            assertFree(registry, "seat");
        });
    }

    @Test
    void aLossFailsTheFutureAndCancelsItsWork() {
        run((jobs, target, registry) -> {
            CompletableFuture<String> result = jobs.hold("lost");
            CompletableFuture<String> work = target.work("lost");
            takeAway("lost");
            assertThatThrownBy(() -> result.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(LockLostException.class);
            assertThat(work).isCancelled();
        });
    }

    @Test
    void aLossFailsTheMonoAndCancelsItsSource() {
        run((jobs, target, registry) -> {
            CompletableFuture<String> result = jobs.holdLater("lost").toFuture();
            CompletableFuture<String> work = target.work("lost");
            takeAway("lost");
            assertThatThrownBy(() -> result.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(LockLostException.class);
            Awaitility.await().until(work::isCancelled);
        });
    }

    @Test
    void aHoldThatLastsTooLongIsLost() {
        run((jobs, target, registry) -> {
            assertThatThrownBy(() -> jobs.tooLong().get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(LockLostException.class);
            assertThatThrownBy(() -> jobs.tooLongLater().block(Duration.ofSeconds(30)))
                    .isInstanceOf(LockLostException.class);
        });
    }

    @Test
    void nestedPublishersEnterAgain() {
        run((jobs, target, registry) -> {
            assertThat(jobs.outer().block(Duration.ofSeconds(10))).isEqualTo(1);
            assertFree(registry, "counter");
        });
    }

    @Test
    void aClosedRegistryFailsBoth() {
        run((jobs, target, registry) -> {
            registry.close();
            assertThatThrownBy(() -> jobs.increment().join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> jobs.incrementLater().block()).isInstanceOf(IllegalStateException.class);
        });
    }

    private static void assertFree(LockRegistry registry, String name) {
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(registry.lock(name).tryAcquire()).hasValueSatisfying(LockHandle::release));
        Awaitility.await()
                .untilAsserted(() -> assertThat(registry.status().held()).isZero());
    }

    private void run(Body body) {
        store(new ApplicationContextRunner().withUserConfiguration(Locks.class, Jobs.class))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    Jobs jobs = context.getBean(Jobs.class);
                    body.run(jobs, AopTestUtils.getTargetObject(jobs), context.getBean(LockRegistry.class));
                });
    }

    private interface Body {
        void run(Jobs jobs, Jobs target, LockRegistry registry) throws Exception;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableDistributedLocks
    static class Locks {}

    static class Jobs {

        private final ConcurrentHashMap<String, CompletableFuture<String>> running = new ConcurrentHashMap<>();
        final AtomicInteger atOnce = new AtomicInteger();
        final AtomicInteger mostAtOnce = new AtomicInteger();

        /** Plain: only the lock keeps it right. */
        int counter;

        @Autowired
        @Lazy
        @Nullable
        Jobs self;

        CompletableFuture<String> work(String key) {
            return Awaitility.await().until(() -> running.get(key), Objects::nonNull);
        }

        @DistributedLock(name = "counter", waitTime = "30s")
        CompletableFuture<Integer> increment() {
            return CompletableFuture.supplyAsync(this::incrementHere);
        }

        @DistributedLock(name = "counter", waitTime = "30s")
        Mono<Integer> incrementLater() {
            return Mono.fromCallable(this::incrementHere).subscribeOn(Schedulers.boundedElastic());
        }

        private int incrementHere() {
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            int before = counter;
            Thread.yield();
            counter = before + 1;
            atOnce.decrementAndGet();
            return counter;
        }

        final CompletableFuture<CompletableFuture<String>> part = new CompletableFuture<>();
        private final CountDownLatch inside = new CountDownLatch(1);
        final CountDownLatch enough = new CountDownLatch(1);

        /** Ends when the part is inside {@link #again}. */
        @DistributedLock(name = "whole")
        void begin() {
            part.complete(Objects.requireNonNull(self).part());
            await(inside);
        }

        @DistributedLock(name = "part", waitTime = "30s")
        CompletableFuture<String> part() {
            Objects.requireNonNull(self).again();
            return CompletableFuture.completedFuture("");
        }

        @DistributedLock(name = "whole")
        void again() {
            inside.countDown();
            await(enough);
        }

        private static void await(CountDownLatch latch) {
            try {
                assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }

        @DistributedLock(name = "counter")
        Mono<Integer> outer() {
            return Objects.requireNonNull(self).incrementLater();
        }

        @DistributedLock(name = "brief", waitTime = "100ms")
        CompletableFuture<String> brief() {
            return CompletableFuture.completedFuture("");
        }

        @DistributedLock(name = "brief", waitTime = "100ms")
        Mono<String> briefLater() {
            return Mono.just("");
        }

        @DistributedLock(key = "#key", waitTime = "30s")
        CompletableFuture<String> hold(String key) {
            CompletableFuture<String> work = new CompletableFuture<>();
            running.put(key, work);
            return work;
        }

        @DistributedLock(key = "#key", waitTime = "30s")
        Mono<String> holdLater(String key) {
            CompletableFuture<String> work = new CompletableFuture<>();
            running.put(key, work);
            return Mono.fromFuture(work);
        }

        @DistributedLock(name = "capped", maxHold = "200ms")
        CompletableFuture<String> tooLong() {
            return new CompletableFuture<>();
        }

        @DistributedLock(name = "capped", maxHold = "200ms")
        Mono<String> tooLongLater() {
            return Mono.never();
        }
    }
}
