package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactivex.rxjava3.core.Single;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.test.util.AopTestUtils;
import reactor.core.publisher.ConnectableFlux;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What nobody can hold a lock for is refused at the start. */
class ResultTypeTests {

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(
                        ReturnsFuture.class, "(Future), so the lock would be released too early", "CompletableFuture"),
                Arguments.of(
                        ReturnsOwnFuture.class,
                        "(OwnFuture), so the lock would",
                        "CompletionStage or CompletableFuture"),
                Arguments.of(ReturnsCallable.class, "(Callable), so the lock would", "what runs later"),
                Arguments.of(ReturnsConnectable.class, "(ConnectableFlux), so the lock would", "Return a "),
                Arguments.of(SkippedSingle.class, "cannot be empty", "use onBusy = THROW"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void failsTheStartNamingTheMethod(Class<?> type, String problem, String action) {
        LockedContext.assertRefused(type, problem, action);
    }

    @Test
    void theFirstOfSeveralMethodsThatWorkIsNoReasonToRefuse() {
        LockedContext.with(Fine.class).run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void anInheritedMethodIsLockedUntilTheFutureOfItsClassIsComplete() {
        LockedContext.run(Import.class, (bean, registry) -> {
            CompletableFuture<String> result = bean.run();
            assertThat(registry.log).containsExactly("acquire job");
            AopTestUtils.<Import>getTargetObject(bean).work.complete("done");
            assertThat(result).isCompletedWithValue("done");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void anInheritedMethodIsLockedUntilThePublisherOfItsClassIsComplete() {
        LockedContext.run(Export.class, (bean, registry) -> {
            Mono<Boolean> result = bean.run();
            assertThat(registry.log).isEmpty();
            assertThat(result.block()).isTrue();
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void aDefaultMethodIsLockedUntilTheFutureOfTheClassIsComplete() {
        LockedContext.run(Cleaning.class, (bean, registry) -> {
            CompletionStage<String> result = bean.run();
            assertThat(registry.log).containsExactly("acquire task");
            AopTestUtils.<Cleaning>getTargetObject(bean).work.complete("done");
            assertThat(result.toCompletableFuture()).isCompletedWithValue("done");
            assertThat(registry.log).containsExactly("acquire task", "release task");
        });
    }

    @Test
    void aFutureThatTellsNobodyIsRefusedWhereItIsInherited() {
        LockedContext.failure(
                InheritsFuture.class,
                failure -> assertThat(failure)
                        .isInstanceOf(InvalidLockDeclarationException.class)
                        .hasMessageContaining(Job.class.getName() + ".run()")
                        .hasMessageContaining("(Future), so the lock would be released too early"));
    }

    @Test
    void aFutureThatAnAsynchronousClassInheritsIsAwaited() {
        LockedContext.with(AsyncImport.class, Asynchronous.class)
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void anInheritedMethodThatIsSkippedReturnsNothingOfTheTypeOfItsClass() {
        LockedContext.run(FindsOptional.class, (bean, registry) -> {
            registry.busy.add("search");
            assertThat(bean.now()).isEmpty();
            assertThat(bean.later()).isCompletedWithValue(Optional.empty());
        });
    }

    abstract static class Job<R> {

        @DistributedLock(name = "job")
        public R run() {
            return result();
        }

        abstract R result();
    }

    static class Import extends Job<CompletableFuture<String>> {

        final CompletableFuture<String> work = new CompletableFuture<>();

        @Override
        CompletableFuture<String> result() {
            return work;
        }
    }

    static class Export extends Job<Mono<Boolean>> {

        private final FakeLockRegistry registry;

        Export(FakeLockRegistry registry) {
            this.registry = registry;
        }

        @Override
        Mono<Boolean> result() {
            return Mono.fromSupplier(() -> registry.isHeld("job"));
        }
    }

    static class InheritsFuture extends Job<Future<String>> {

        @Override
        Future<String> result() {
            return new CompletableFuture<>();
        }
    }

    @Async
    static class AsyncImport extends Job<Future<String>> {

        @Override
        Future<String> result() {
            return CompletableFuture.completedFuture("done");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAsync
    static class Asynchronous {}

    interface Task<R> {

        @DistributedLock(name = "task")
        default R run() {
            return result();
        }

        R result();
    }

    static class Cleaning implements Task<CompletionStage<String>> {

        final CompletableFuture<String> work = new CompletableFuture<>();

        @Override
        public CompletionStage<String> result() {
            return work;
        }
    }

    abstract static class Search<R> {

        @DistributedLock(name = "search", onBusy = OnBusy.SKIP)
        public R now() {
            throw new AssertionError("not skipped");
        }

        @DistributedLock(name = "search", onBusy = OnBusy.SKIP)
        public CompletableFuture<R> later() {
            throw new AssertionError("not skipped");
        }
    }

    static class FindsOptional extends Search<Optional<String>> {}

    static class ReturnsFuture {
        @DistributedLock
        Future<String> run() {
            return CompletableFuture.completedFuture("");
        }
    }

    static class OwnFuture extends CompletableFuture<String> {}

    static class ReturnsOwnFuture {
        @DistributedLock
        OwnFuture run() {
            return new OwnFuture();
        }
    }

    static class ReturnsCallable {
        @DistributedLock
        Callable<String> run() {
            return () -> "";
        }
    }

    static class ReturnsConnectable {
        @DistributedLock
        ConnectableFlux<String> run() {
            return Flux.just("").publish();
        }
    }

    static class SkippedSingle {
        @DistributedLock(onBusy = OnBusy.SKIP)
        Single<String> run() {
            return Single.just("");
        }
    }

    static class Fine {
        @DistributedLock
        CompletableFuture<String> future() {
            return new CompletableFuture<>();
        }

        @DistributedLock(onBusy = OnBusy.SKIP)
        Mono<String> mono() {
            return Mono.empty();
        }

        @DistributedLock
        Flux<String> flux() {
            return Flux.empty();
        }
    }
}
