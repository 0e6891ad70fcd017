package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.aop.interceptor.AsyncUncaughtExceptionHandler;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.AsyncAnnotationAdvisor;
import org.springframework.scheduling.annotation.AsyncConfigurer;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.test.util.AopTestUtils;

/** {@code @Async} with a lock: taken, held and released on the thread on which the method runs. */
class AsyncMethodTests {

    private final ApplicationContextRunner runner = LockedContext.with(AsyncByAnnotation.class, Jobs.class);

    @Test
    void theCallReturnsAtOnceAndTheLockIsTakenOnTheOtherThread() {
        run((jobs, registry, target) -> {
            jobs.nothing();
            assertThat(target.seen.poll(10, TimeUnit.SECONDS))
                    .startsWith("async-")
                    .endsWith(" holds job");
            awaitLog(registry, "acquire job", "release job");
        });
    }

    @Test
    void theLockOfAFutureIsHeldUntilItIsComplete() {
        run((jobs, registry, target) -> {
            CompletableFuture<String> result = jobs.completable();
            assertThat(target.seen.poll(10, TimeUnit.SECONDS))
                    .startsWith("async-")
                    .endsWith(" holds job");
            assertThat(result).isNotDone();
            assertThat(registry.isHeld("job")).isTrue();
            target.work.complete("done");
            assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo("done");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void aPlainFutureWorksToo() {
        run((jobs, registry, target) -> {
            Future<String> result = jobs.plain();
            target.work.complete("done");
            assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo("done");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void aBusyLockFailsTheFuture() {
        run((jobs, registry, target) -> {
            registry.busy.add("job");
            assertThatThrownBy(() -> jobs.completable().get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(LockNotAcquiredException.class);
            assertThat(target.seen).isEmpty();
        });
    }

    @Test
    void aBusyLockOfAVoidMethodIsToldToTheHandler() {
        run((jobs, registry, target) -> {
            registry.busy.add("job");
            jobs.nothing();
            assertThat(target.failures.poll(10, TimeUnit.SECONDS)).isInstanceOf(LockNotAcquiredException.class);
        });
    }

    @Test
    void aSkippedCallCompletesWithNothing() {
        run((jobs, registry, target) -> {
            registry.busy.add("job");
            assertThat(jobs.skipping().get(10, TimeUnit.SECONDS)).isNull();
            assertThat(jobs.skippingOptional().get(10, TimeUnit.SECONDS)).isEqualTo(Optional.empty());
        });
    }

    @Test
    void aLossInterruptsTheWaitForTheFutureAndCancelsIt() {
        run((jobs, registry, target) -> {
            CompletableFuture<String> result = jobs.completable();
            target.seen.poll(10, TimeUnit.SECONDS);
            registry.lose("job");
            assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(LockLostException.class);
            assertThat(target.work).isCancelled();
        });
    }

    @Test
    void aLossInterruptsTheBody() {
        run((jobs, registry, target) -> {
            CompletableFuture<String> result = jobs.blocking();
            target.seen.poll(10, TimeUnit.SECONDS);
            registry.lose("job");
            assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(LockLostException.class);
        });
    }

    @Test
    void failuresOfTheFutureArriveAsTheyAre() {
        run((jobs, registry, target) -> {
            target.work.completeExceptionally(new IOException("own"));
            assertThatThrownBy(() -> jobs.completable().get(10, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessage("own");
        });
        run((jobs, registry, target) -> {
            target.work.completeExceptionally(new IllegalStateException("own"));
            assertThatThrownBy(() -> jobs.completable().get(10, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("own");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void asyncBroughtInsideTheLockFailsTheStart() {
        LockedContext.with(AsyncByAdvisor.class, Jobs.class)
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOf(InvalidLockDeclarationException.class)
                        .hasMessageContaining("@Async is applied inside the lock"));
    }

    private static void awaitLog(FakeLockRegistry registry, String... entries) {
        Awaitility.await().untilAsserted(() -> assertThat(registry.log).containsExactly(entries));
    }

    private void run(Body body) {
        runner.run(context -> {
            Jobs jobs = context.getBean(Jobs.class);
            body.run(jobs, context.getBean(FakeLockRegistry.class), AopTestUtils.getTargetObject(jobs));
        });
    }

    private interface Body {
        void run(Jobs jobs, FakeLockRegistry registry, Jobs target) throws Exception;
    }

    static class Jobs {

        final CompletableFuture<String> work = new CompletableFuture<>();
        final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

        @Autowired
        BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();

        @Async
        @DistributedLock(name = "job")
        void nothing() {
            see();
        }

        @Async
        @DistributedLock(name = "job")
        CompletableFuture<String> completable() {
            see();
            return work;
        }

        @Async
        @DistributedLock(name = "job")
        Future<String> plain() {
            return work;
        }

        @Async
        @DistributedLock(name = "job", onBusy = OnBusy.SKIP)
        CompletableFuture<String> skipping() {
            return work;
        }

        @Async
        @DistributedLock(name = "job", onBusy = OnBusy.SKIP)
        CompletableFuture<Optional<String>> skippingOptional() {
            return work.thenApply(Optional::of);
        }

        @Async
        @DistributedLock(name = "job")
        CompletableFuture<String> blocking() throws InterruptedException {
            see();
            new CountDownLatch(1).await();
            return work;
        }

        private void see() {
            seen.add(Thread.currentThread().getName() + " holds "
                    + LockContext.current().name());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAsync
    static class AsyncByAnnotation implements AsyncConfigurer {

        private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();

        @Bean
        BlockingQueue<Throwable> failures() {
            return failures;
        }

        @Override
        public Executor getAsyncExecutor() {
            return new SimpleAsyncTaskExecutor("async-");
        }

        @Override
        public AsyncUncaughtExceptionHandler getAsyncUncaughtExceptionHandler() {
            return (failure, method, arguments) -> failures.add(failure);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class AsyncByAdvisor {

        @Bean
        BlockingQueue<Throwable> failures() {
            return new LinkedBlockingQueue<>();
        }

        @Bean
        @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
        static AsyncAnnotationAdvisor asyncAdvisor() {
            AsyncAnnotationAdvisor advisor = new AsyncAnnotationAdvisor(new SimpleAsyncTaskExecutor("async-"), null);
            advisor.setOrder(Ordered.LOWEST_PRECEDENCE);
            return advisor;
        }
    }
}
