package dev.holdfast.lock.test;

import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.StoreException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what a watch tells, in order. Thread-safe. */
public class WatchRecorder implements LockStore.Watcher {

    private final List<KeyChange> changes = new CopyOnWriteArrayList<>();
    private final List<StoreException> breaks = new CopyOnWriteArrayList<>();
    private volatile int readies;

    @Override
    public synchronized void ready() {
        readies++;
    }

    @Override
    public void changed(KeyChange change) {
        changes.add(change);
    }

    @Override
    public void broken(StoreException cause) {
        breaks.add(cause);
    }

    public int readies() {
        return readies;
    }

    public List<KeyChange> changes() {
        return changes;
    }

    public List<StoreException> breaks() {
        return breaks;
    }
}
