package dev.holdfast.lock.test.control;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the registries under test hold. Thread-safe. */
final class HoldsOfApplication implements LockListener {

    private final Set<LockHandle> held = ConcurrentHashMap.newKeySet();

    @Override
    public void acquired(LockHandle handle, LockOptions options, Duration waited) {
        held.add(handle);
    }

    @Override
    public void released(LockHandle handle, LockOptions options, Duration time) {
        held.remove(handle);
    }

    @Override
    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration time) {
        held.remove(handle);
    }

    /** Of that name, alone or as one of several. */
    List<LockHandle> of(String name) {
        return held.stream()
                .filter(LockHandle::isHeld)
                .filter(handle -> handle.name().equals(name) || handle.names().contains(name))
                .toList();
    }

    List<String> names() {
        return held.stream()
                .filter(LockHandle::isHeld)
                .map(LockHandle::name)
                .sorted()
                .distinct()
                .toList();
    }
}
