package dev.holdfast.lock.spring;

import dev.holdfast.lock.spring.ResultType.Completion;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.ReactiveAdapter;
import org.springframework.util.ClassUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.util.context.ContextView;

/**
 * A call of a method whose result is subscribed to. Each subscription asks the condition and for the lock, then calls the method, and
 * ends its hold on completion, error or cancel. Only this class and {@link ReactiveLockContext} know Reactor.
 */
final class PublisherCall {

    private static final boolean OBSERVATIONS =
            ClassUtils.isPresent("io.micrometer.observation.Observation", PublisherCall.class.getClassLoader());

    private final AsyncCall call;

    private PublisherCall(AsyncCall call) {
        this.call = call;
    }

    /** The result in the method's own type. */
    static Object start(AsyncCall call) {
        ResultType type = call.method().resultType();
        PublisherCall started = new PublisherCall(call);
        Publisher<?> result = type.completion() == Completion.MANY ? started.many() : started.one();
        ReactiveAdapter adapter = type.adapter();
        return adapter == null ? result : adapter.fromPublisher(result);
    }

    private Mono<Object> one() {
        return Mono.deferContextual(context -> {
            if (!call.isLocked()) {
                return Mono.from(unlocked());
            }
            Attempt attempt = attempt(context);
            return answer(attempt, context)
                    .flatMap(Mono::from)
                    .delayUntil(value -> finish(attempt, null))
                    .switchIfEmpty(finish(attempt, null))
                    .onErrorResume(failure -> finish(attempt, failure))
                    .doFinally(signal -> attempt.end());
        });
    }

    private Flux<Object> many() {
        return Flux.deferContextual(context -> {
            if (!call.isLocked()) {
                return unlocked();
            }
            Attempt attempt = attempt(context);
            return answer(attempt, context)
                    .flatMapMany(Function.identity())
                    .concatWith(finish(attempt, null))
                    .onErrorResume(failure -> finish(attempt, failure))
                    .doFinally(signal -> attempt.end());
        });
    }

    private Publisher<Object> unlocked() {
        try {
            return publisher(call.returned(call.proceed()));
        } catch (Throwable failure) {
            return Mono.error(failure);
        }
    }

    private Attempt attempt(ContextView context) {
        Frame around = ReactiveLockContext.frame(context);
        return new Attempt(call, around == null ? Frame.current() : around);
    }

    /** What is subscribed to once it is known whether the lock is held: the method's result, or what is instead of it. */
    private Mono<Publisher<Object>> answer(Attempt attempt, ContextView context) {
        return Mono.fromFuture(() -> request(attempt, context))
                .map(held -> held ? body(attempt) : skipped(attempt))
                .onErrorResume(failure -> fallBack(attempt, failure));
    }

    /** The wait and the hold belong to what the subscriber is observed doing, though that need not be known to the thread. */
    private static CompletableFuture<Boolean> request(Attempt attempt, ContextView context) {
        return OBSERVATIONS
                ? SubscribersObservation.current(
                        context.getOrDefault(SubscribersObservation.KEY, null), attempt::request)
                : attempt.request();
    }

    private Publisher<Object> body(Attempt attempt) {
        Publisher<Object> returned;
        try {
            returned = publisher(attempt.run());
        } catch (Throwable failure) {
            return Mono.error(failure);
        }
        Frame frame = attempt.frame();
        if (returned instanceof Mono<Object> mono) {
            return untilLost(mono, attempt).contextWrite(context -> context.put(ReactiveLockContext.KEY, frame));
        }
        Flux<Object> flux = Flux.from(returned);
        return untilLost(flux, attempt).contextWrite(context -> context.put(ReactiveLockContext.KEY, frame));
    }

    /** On loss the method's publisher is cancelled and seems complete; {@link #finish} then tells the loss. */
    private static Mono<Object> untilLost(Mono<Object> body, Attempt attempt) {
        return attempt.onLost() == OnLost.INTERRUPT ? body.takeUntilOther(Mono.fromFuture(attempt::lost)) : body;
    }

    private static Flux<Object> untilLost(Flux<Object> body, Attempt attempt) {
        return attempt.onLost() == OnLost.INTERRUPT ? body.takeUntilOther(Mono.fromFuture(attempt::lost)) : body;
    }

    @SuppressWarnings("unchecked")
    private Publisher<Object> publisher(Object returned) {
        ReactiveAdapter adapter = call.method().resultType().adapter();
        if (adapter == null) {
            return (Publisher<Object>) returned;
        }
        Publisher<Object> publisher = adapter.toPublisher(returned);
        return DeferredJob.isTypeOfResult(adapter.getReactiveType())
                ? cancelling(Mono.from(publisher), returned)
                : publisher;
    }

    /** After the subscription to it has ended, which else would take the cancel for an error. */
    private static Mono<Object> cancelling(Mono<Object> result, Object deferred) {
        return result.doFinally(signal -> {
            if (signal == SignalType.CANCEL) {
                DeferredJob.cancel(deferred);
            }
        });
    }

    private static Publisher<Object> skipped(Attempt attempt) {
        if (attempt.skipsWhenBusy()) {
            return Mono.justOrEmpty(attempt.skipped());
        }
        throw attempt.busy();
    }

    private Mono<Publisher<Object>> fallBack(Attempt attempt, Throwable failure) {
        try {
            return Mono.just(publisher(attempt.fallBack(failure)));
        } catch (Throwable told) {
            return Mono.error(told);
        }
    }

    /** Releases, and then tells the failure, if there is one, or a loss; completes without a value. */
    private static Mono<Object> finish(Attempt attempt, @Nullable Throwable failure) {
        return Mono.fromFuture(attempt::end).then(Mono.defer(() -> {
            Throwable told = attempt.told(failure);
            Throwable ending = told == null ? failure : told;
            return ending == null ? Mono.empty() : Mono.error(ending);
        }));
    }
}
