package dev.holdfast.lock;

import java.util.List;

/**
 * Who held a name and who waited for it when it was read.
 *
 * @param entries of all processes, the oldest first, which is the order in which they are served; empty if nobody uses the name
 */
public record LockQueue(String name, List<LockEntry> entries) {

    public LockQueue {
        entries = List.copyOf(entries);
    }

    public List<LockEntry> holders() {
        return with(LockEntry.Role.HOLDER);
    }

    /** The next to be served comes first. */
    public List<LockEntry> waiters() {
        return with(LockEntry.Role.WAITER);
    }

    private List<LockEntry> with(LockEntry.Role role) {
        return entries.stream().filter(entry -> entry.role() == role).toList();
    }
}
