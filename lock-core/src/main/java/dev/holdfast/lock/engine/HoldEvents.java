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

    /** Null: there is nobody to tell, as for many holds of a process without listeners. */
    private final @Nullable Queue<Consumer<LockListener>> events;

    private final @Nullable Mailbox turns;
    private volatile boolean open;

    HoldEvents(Callbacks callbacks) {
        this.callbacks = callbacks;
        this.events = callbacks.hasListeners() ? new ConcurrentLinkedQueue<>() : null;
        this.turns = callbacks.hasListeners() ? new Mailbox() : null;
    }

    void add(Consumer<LockListener> event) {
        if (events != null) {
            events.add(event);
        }
    }

    /** From now on events are told. */
    void open() {
        open = true;
    }

    /** Tells what is due on this thread, a user's or the callback executor's. */
    void tellHere() {
        Queue<Consumer<LockListener>> due = events;
        if (turns != null && due != null && open && !due.isEmpty()) {
            turns.execute(() -> {
                for (Consumer<LockListener> event = due.poll(); event != null; event = due.poll()) {
                    callbacks.tellHere(event);
                }
            });
        }
    }
}
