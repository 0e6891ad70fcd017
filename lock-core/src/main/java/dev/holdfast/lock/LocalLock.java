package dev.holdfast.lock;

import java.time.Duration;
import java.util.List;

/**
 * A hold of a registry, or a request of it that waits for one.
 *
 * @param names of the lock; more than one for {@link LockRegistry#allOf}
 * @param role whether it holds or waits
 * @param kind what it wants of the names
 * @param permits of a semaphore; 1 otherwise
 * @param thread name of the thread that asked
 * @param age how long it has held, or waited
 * @param fencingToken of a hold; 0 while it waits, and for a hold whose token nobody has asked for ({@link LockHandle#fencingToken()})
 * @param lease id of the lease of a hold, lower-case hex; empty while it waits
 */
public record LocalLock(
        List<String> names,
        LockEntry.Role role,
        LockEntry.Kind kind,
        int permits,
        String thread,
        Duration age,
        long fencingToken,
        String lease) {

    public LocalLock {
        names = List.copyOf(names);
    }
}
