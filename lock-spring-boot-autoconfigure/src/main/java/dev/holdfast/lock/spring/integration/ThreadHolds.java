package dev.holdfast.lock.spring.integration;

import dev.holdfast.lock.LockHandle;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What the threads hold of one registry, and how many times each entered. Grows with what is held only. Thread-safe. */
final class ThreadHolds {

    private record Owner(String name, Thread thread) {

        static Owner me(String name) {
            return new Owner(name, Thread.currentThread());
        }
    }

    /** Touched by its owner only. */
    private static final class Held {

        private final LockHandle handle;
        private int depth = 1;

        Held(LockHandle handle) {
            this.handle = handle;
        }
    }

    private final Map<Owner, Held> holds = new ConcurrentHashMap<>();

    void add(LockHandle handle, String name) {
        holds.put(Owner.me(name), new Held(handle));
    }

    Optional<LockHandle> current(String name) {
        return Optional.ofNullable(find(name)).map(held -> held.handle);
    }

    /**
     * Enters once more what this thread holds; false if it holds nothing.
     *
     * @throws dev.holdfast.lock.LockLostException if it was lost; the depth stays, so unlocks still pair up
     */
    boolean reenter(String name) {
        Held held = find(name);
        if (held == null) {
            return false;
        }
        held.handle.ensureHeld();
        held.depth++;
        return true;
    }

    /**
     * Leaves once; the hold that is to be released when that was the last time.
     *
     * @throws IllegalMonitorStateException if this thread holds nothing
     */
    Optional<LockHandle> leave(String name) {
        Held held = find(name);
        if (held == null) {
            throw new IllegalMonitorStateException("Lock '" + name + "' is not owned by this thread");
        }
        if (--held.depth > 0) {
            return Optional.empty();
        }
        holds.remove(Owner.me(name));
        return Optional.of(held.handle);
    }

    private @Nullable Held find(String name) {
        return holds.get(Owner.me(name));
    }
}
