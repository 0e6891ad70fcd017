package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockListener;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way from the engine to users' code: listeners and futures, never on an I/O thread, never stopped by what they throw. */
final class Callbacks {

    private static final Logger log = LoggerFactory.getLogger(Callbacks.class);

    private final List<LockListener> listeners;
    private final Executor executor;

    Callbacks(List<LockListener> listeners, Executor executor) {
        this.listeners = listeners;
        this.executor = executor;
    }

    boolean hasListeners() {
        return !listeners.isEmpty();
    }

    /** Tells the listeners on the calling thread, which must be a user's or the executor's. */
    void tellHere(Consumer<LockListener> event) {
        for (LockListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException | Error failure) {
                log.warn("Lock listener {} failed", listener.getClass().getName(), failure);
            }
        }
    }

    void tell(Consumer<LockListener> event) {
        if (hasListeners()) {
            run(() -> tellHere(event));
        }
    }

    void run(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException closed) {
            // Only after close: a user's future must complete even then, and nobody else is left to do it.
            task.run();
        }
    }
}
