package dev.holdfast.lock.cli;

import dev.holdfast.lock.etcd.EtcdLockRegistry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Initialises the classes of the etcd client beside the parsing of the arguments: a third of a second each on one processor. */
final class Preload {

    private static @Nullable CompletableFuture<Void> running;

    private Preload() {}

    /** Logging is off then: {@code --verbose} has to do without. */
    static void start() {
        Logging.configure(false);
        running = Background.call("preload", () -> {
            EtcdLockRegistry.builder().buildClient();
            return null;
        });
    }

    /** So that no class is initialised by two threads at once, in two orders. */
    static void await() {
        CompletableFuture<Void> preload = running;
        if (preload != null) {
            try {
                preload.join();
            } catch (CompletionException unimportant) {
                // It will show again where it can be told.
            }
        }
    }
}
