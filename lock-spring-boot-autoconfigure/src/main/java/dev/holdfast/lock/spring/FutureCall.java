package dev.holdfast.lock.spring;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A call of a method that returns a future. Its own future, the answer, is there at once and completes after the release; completed
 * by anybody else, as by {@code cancel}, it withdraws the request or cancels the method's future.
 */
final class FutureCall {

    private final Attempt attempt;
    private final CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();

    /** What the method returned. */
    private volatile @Nullable CompletionStage<?> stage;

    /** Whether the stage was cancelled because of the loss. */
    private volatile boolean stopped;

    private FutureCall(Attempt attempt) {
        this.attempt = attempt;
    }

    static CompletableFuture<@Nullable Object> start(AsyncCall call) {
        FutureCall started = new FutureCall(new Attempt(call, Frame.current()));
        started.request();
        return started.answer;
    }

    private void request() {
        CompletableFuture<Boolean> held;
        try {
            held = attempt.request();
        } catch (RuntimeException | Error refused) {
            fallBack(refused);
            return;
        }
        answer.whenComplete((value, failure) -> unwanted());
        held.whenComplete(this::granted);
    }

    private void unwanted() {
        attempt.withdraw();
        cancelStage();
    }

    private void granted(@Nullable Boolean held, @Nullable Throwable failure) {
        if (failure != null) {
            fallBack(
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure);
        } else if (Boolean.TRUE.equals(held)) {
            run();
        } else if (attempt.skipsWhenBusy()) {
            end(attempt.skipped(), null);
        } else {
            fallBack(attempt.busy());
        }
    }

    /** Nothing is held: the fallback is called, if there is one for this failure. */
    private void fallBack(Throwable failure) {
        attempt.end();
        if (answer.isDone()) {
            return;
        }
        try {
            CompletionStage<?> other = (CompletionStage<?>) attempt.fallBack(failure);
            stage = other;
            if (answer.isDone()) {
                cancelStage();
            }
            other.whenComplete(this::end);
        } catch (Throwable told) {
            end(null, told);
        }
    }

    private void run() {
        try {
            CompletionStage<?> returned = (CompletionStage<?>) attempt.run();
            stage = returned;
            if (answer.isDone()) {
                // Completed while the method ran, which could not see the stage.
                cancelStage();
            }
            if (attempt.onLost() == OnLost.INTERRUPT) {
                attempt.lost().thenRun(this::stop);
            }
            returned.whenComplete(this::end);
        } catch (Throwable failure) {
            end(null, failure);
        }
    }

    private void stop() {
        stopped = true;
        cancelStage();
        // The stage may be one that cannot be cancelled.
        Throwable lost = attempt.told(null);
        if (lost != null) {
            answer.completeExceptionally(lost);
        }
    }

    private void cancelStage() {
        CompletionStage<?> running = stage;
        if (running != null) {
            try {
                running.toCompletableFuture().cancel(true);
            } catch (UnsupportedOperationException notCancellable) {
                // It holds the lock until it is complete, as any stage that goes on.
            }
        }
    }

    private void end(@Nullable Object value, @Nullable Throwable failure) {
        CompletableFuture<Void> released = attempt.end();
        Throwable told = attempt.told(stopped && failure instanceof CancellationException ? null : failure);
        released.whenComplete((nothing, impossible) -> {
            if (told == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(told);
            }
        });
    }
}
