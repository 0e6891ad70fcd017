package dev.holdfast.lock.faults;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.ReadWriteLeaseLock;
import dev.holdfast.lock.history.Terms;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a user asks for.
 *
 * @param pair the lock as a pair, if it is the writer's of one
 */
record Wish(LeaseLock lock, Terms terms, @Nullable ReadWriteLeaseLock pair) {

    /** Says what is wished for, as soon as it is known how to ask. */
    interface Of {
        Wish with(LockRegistry locks, LockOptions options);
    }

    static Of exclusive(String name) {
        return (locks, options) -> new Wish(locks.lock(name, options), Terms.EXCLUSIVE, null);
    }

    static Of permit(String name, int permits) {
        return (locks, options) -> new Wish(locks.semaphore(name, permits, options), Terms.semaphore(permits), null);
    }

    static Of reading(String name) {
        return (locks, options) -> new Wish(locks.readWriteLock(name, options).readLock(), Terms.SHARED, null);
    }

    static Of writing(String name) {
        return (locks, options) -> {
            ReadWriteLeaseLock pair = locks.readWriteLock(name, options);
            return new Wish(pair.writeLock(), Terms.EXCLUSIVE, pair);
        };
    }

    static Of set(Collection<String> names) {
        List<String> sorted = names.stream().sorted().toList();
        return (locks, options) -> new Wish(locks.allOf(names, options), Terms.allOf(sorted), null);
    }

    /** As the handle says it. */
    String name() {
        return lock.name();
    }

    /** The names in the store. */
    List<String> names() {
        return terms.names().isEmpty() ? List.of(name()) : terms.names();
    }

    boolean exclusive() {
        return terms.mode() == Terms.Mode.EXCLUSIVE;
    }
}
