package dev.holdfast.lock.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Work on a daemon thread of its own. */
final class Background {

    private Background() {}

    static <T> CompletableFuture<T> call(String name, Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(work.call());
                    } catch (Throwable failure) {
                        result.completeExceptionally(failure);
                    }
                },
                "holdfast-" + name);
        thread.setDaemon(true);
        thread.start();
        return result;
    }
}
