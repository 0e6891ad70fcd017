package dev.holdfast.lock.test.control;

import dev.holdfast.lock.LocalLock;
import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockRegistry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** What the registries under test wait for. Thread-safe. */
final class WaitsOfApplication {

    private final List<LockRegistry> registries = new CopyOnWriteArrayList<>();

    /** A look may have to wait for a moment itself, and is asked then whether that is in vain. */
    private final ThreadLocal<Boolean> looking = ThreadLocal.withInitial(() -> false);

    void add(LockRegistry registry) {
        registries.add(registry);
    }

    void remove(LockRegistry registry) {
        registries.remove(registry);
    }

    /** Whether that is so of each wait, and there is one. */
    boolean someAndAll(Predicate<LocalLock> matching) {
        if (looking.get()) {
            return false;
        }
        looking.set(true);
        try {
            List<LocalLock> waits = registries.stream()
                    .flatMap(registry -> registry.inspection().local().stream())
                    .filter(lock -> lock.role() == LockEntry.Role.WAITER)
                    .toList();
            return !waits.isEmpty() && waits.stream().allMatch(matching);
        } finally {
            looking.remove();
        }
    }
}
