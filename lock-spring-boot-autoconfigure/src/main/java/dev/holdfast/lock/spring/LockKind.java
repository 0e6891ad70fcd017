package dev.holdfast.lock.spring;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import java.util.List;

/**
 * Which of the registry's kinds of lock a method takes.
 *
 * @param permits of a semaphore; 0 where it is none
 */
record LockKind(LockMode mode, int permits) {

    static final LockKind EXCLUSIVE = new LockKind(LockMode.EXCLUSIVE, 0);

    /** @param names more than one only for an exclusive lock */
    LeaseLock lock(LockRegistry registry, List<String> names, LockOptions options) {
        if (names.size() > 1) {
            return registry.allOf(names, options);
        }
        String name = names.get(0);
        if (permits > 0) {
            return registry.semaphore(name, permits, options);
        }
        return mode == LockMode.SHARED
                ? registry.readWriteLock(name, options).readLock()
                : registry.lock(name, options);
    }

    /** Whether who holds a name like this may enter a method that wants it like {@code inner}: a writer may read. */
    boolean covers(LockKind inner) {
        return equals(inner) || equals(EXCLUSIVE) && inner.mode == LockMode.SHARED;
    }

    /** Whether several names can be held like this at once. */
    boolean takesSeveralNames() {
        return equals(EXCLUSIVE);
    }

    @Override
    public String toString() {
        if (permits > 0) {
            return "a semaphore of " + permits + " permits";
        }
        return mode == LockMode.SHARED ? "a shared lock" : "an exclusive lock";
    }
}
