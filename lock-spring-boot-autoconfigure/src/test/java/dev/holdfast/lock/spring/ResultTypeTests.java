package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactivex.rxjava3.core.Single;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
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
