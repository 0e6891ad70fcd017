package dev.holdfast.lock.memory;

import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import java.util.function.Consumer;

/** A watch of the model. Called by timers, one at a time, in order. */
final class MemoryWatch implements LockStore.Watch {

    private final KeyRange range;
    private final LockStore.Watcher watcher;
    private final Consumer<MemoryWatch> onEnd;
    private volatile boolean ended;

    MemoryWatch(KeyRange range, LockStore.Watcher watcher, Consumer<MemoryWatch> onEnd) {
        this.range = range;
        this.watcher = watcher;
        this.onEnd = onEnd;
    }

    KeyRange range() {
        return range;
    }

    void ready() {
        if (!ended) {
            watcher.ready();
        }
    }

    void changed(KeyChange change) {
        if (!ended) {
            watcher.changed(change);
        }
    }

    void broken(StoreException cause) {
        if (!ended) {
            ended = true;
            onEnd.accept(this);
            watcher.broken(cause);
        }
    }

    @Override
    public void close() {
        ended = true;
        onEnd.accept(this);
    }
}
