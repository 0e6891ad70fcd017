package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockListener;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the listeners are told of one hold: in order, one at a time, and nothing before the caller has the hold. A loss that comes
 * before the caller was told of the grant waits until it was.
 */
final class HoldEvents {

    private final Callbacks callbacks;
    private final Queue<Consumer<LockListener>> events = new ConcurrentLinkedQueue<>();
    private final Mailbox turns = new Mailbox();
    private volatile boolean open;

    private HoldEvents(Callbacks callbacks) {
        this.callbacks = callbacks;
    }

    /** Null if there is nobody to tell: a process without listeners may have very many holds. */
    static @Nullable HoldEvents of(Callbacks callbacks) {
        return callbacks.hasListeners() ? new HoldEvents(callbacks) : null;
    }

    void add(Consumer<LockListener> event) {
        events.add(event);
    }

    /** From now on events are told. */
    void open() {
        open = true;
    }

    /** Tells what is due on this thread, a user's or the callback executor's. */
    void tellHere() {
        if (open && !events.isEmpty()) {
            turns.execute(() -> {
                for (Consumer<LockListener> event = events.poll(); event != null; event = events.poll()) {
                    callbacks.tellHere(event);
                }
            });
        }
    }
}
