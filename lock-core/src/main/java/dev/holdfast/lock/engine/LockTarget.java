package dev.holdfast.lock.engine;

import java.util.List;

/**
 * What a lock locks.
 *
 * @param names sorted and without duplicates; more than one only of an exclusive lock
 */
record LockTarget(List<String> names, Kind kind) {

    LockTarget {
        names = List.copyOf(names);
    }

    static LockTarget of(String name, Kind kind) {
        return new LockTarget(List.of(name), kind);
    }

    /** For people: the name, or all names. */
    String name() {
        return names.size() == 1 ? names.get(0) : String.join(", ", names);
    }
}
