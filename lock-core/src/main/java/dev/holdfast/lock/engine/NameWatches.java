package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.time.TimeSource;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** The {@link NameWatch}es of an engine, by name: of names that somebody waits for, and of some that somebody waited for lately. Thread-safe. */
final class NameWatches {

    /** Of those nobody needs at the moment; the oldest go first. */
    static final int MOST_IDLE = 256;

    private final LockStore store;
    private final TimeSource time;
    private final LockKeys keys;
    private final RandomGenerator random;
    private final Map<String, NameWatch> byName = new ConcurrentHashMap<>();
    private final Queue<NameWatch> lingering = new ConcurrentLinkedQueue<>();
    private final AtomicInteger lingeringCount = new AtomicInteger();
    private final AtomicLong numbers = new AtomicLong();
    private volatile boolean closed;

    NameWatches(LockStore store, TimeSource time, LockKeys keys, RandomGenerator random) {
        this.store = store;
        this.time = time;
        this.keys = keys;
        this.random = random;
    }

    /** Number of the watch that is in place for the name; 0: none is. To be asked before a request is sent whose answer is to be followed. */
    long inPlace(String name) {
        NameWatch watch = byName.get(name);
        return watch == null ? 0 : watch.inPlace();
    }

    /** Whether somebody of this process found others there, not long ago. */
    boolean contended(String name) {
        return byName.containsKey(name);
    }

    /** See {@link NameWatch#follow}. */
    void follow(String name, NameWatch.Follower follower, long at, long since) {
        if (!closed) {
            get(name).follow(follower, at, since);
        }
    }

    /** See {@link NameWatch#rest}. */
    void rest(String name) {
        if (!closed) {
            get(name).rest();
        }
    }

    /** To be called after the follower says that it follows no more. */
    void unfollow(String name, NameWatch.Follower follower) {
        NameWatch watch = byName.get(name);
        if (watch != null) {
            watch.unfollow(follower);
        }
    }

    /** See {@link NameWatch#doubt}. */
    void doubt(String name, long silent) {
        NameWatch watch = byName.get(name);
        if (watch != null) {
            watch.doubt(silent);
        }
    }

    private NameWatch get(String name) {
        return byName.computeIfAbsent(name, absent -> new NameWatch(this, time, new Backoff(random), absent));
    }

    void close() {
        closed = true;
        byName.values().forEach(NameWatch::close);
    }

    boolean closed() {
        return closed;
    }

    int size() {
        return byName.size();
    }

    LockStore.Watch open(String name, LockStore.Watcher watcher) {
        return store.watch(keys.entries(name), watcher);
    }

    /** Never one that was given before, to whatever name. */
    long nextNumber() {
        return numbers.incrementAndGet();
    }

    /** One that was needed until now. */
    void lingers(NameWatch watch) {
        lingering.add(watch);
        if (lingeringCount.incrementAndGet() > MOST_IDLE) {
            NameWatch oldest = lingering.poll();
            if (oldest != null) {
                lingeringCount.decrementAndGet();
                oldest.closeIfIdle();
            }
        }
    }

    void retired(String name, NameWatch watch) {
        byName.remove(name, watch);
        lingersNoMore(watch);
    }

    void lingersNoMore(NameWatch watch) {
        if (lingering.remove(watch)) {
            lingeringCount.decrementAndGet();
        }
    }
}
