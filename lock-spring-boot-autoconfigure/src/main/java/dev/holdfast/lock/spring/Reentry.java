package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockRegistry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The names of a call, divided into what its thread holds already, through the methods around the call, and what it must take.
 *
 * @param held the holds that cover names of the call, the newest first
 * @param missing the names that are left
 */
record Reentry(List<Hold> held, List<String> missing) {

    /**
     * What is held is entered, since the method that took it may end first: it was called on another thread and went on to begin this
     * call. To be {@linkplain #leave left} once.
     *
     * @param innermost the frame around the call; null: none
     */
    static Reentry enter(LockRegistry registry, List<String> names, LockKind kind, @Nullable Frame innermost) {
        Reentry reentry = of(registry, names, kind, innermost);
        while (!reentry.enterAll()) {
            // One of them has ended meanwhile, and is not found again.
            reentry = of(registry, names, kind, innermost);
        }
        return reentry;
    }

    private static Reentry of(LockRegistry registry, List<String> names, LockKind kind, @Nullable Frame innermost) {
        if (innermost == null) {
            return new Reentry(List.of(), names);
        }
        List<Hold> held = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String name : names) {
            Hold hold = innermost.holdOf(registry, name);
            if (hold == null) {
                missing.add(name);
            } else {
                refuseOtherKind(hold, name, kind);
                held.add(hold);
            }
        }
        return held.isEmpty() ? new Reentry(List.of(), names) : new Reentry(innermost.newestFirst(held), missing);
    }

    boolean isComplete() {
        return missing.isEmpty();
    }

    /** False, and none is entered, if one of them is over. */
    private boolean enterAll() {
        for (int i = 0; i < held.size(); i++) {
            if (!held.get(i).enter()) {
                held.subList(0, i).forEach(Hold::release);
                return false;
            }
        }
        return true;
    }

    /** Releases what nobody else is in any more. */
    void leave() {
        held.forEach(Hold::release);
    }

    void leaveAsync() {
        held.forEach(Hold::releaseAsync);
    }

    /** All holds under which the call runs once the missing ones are {@code taken}, the newest first. */
    List<Hold> with(@Nullable Hold taken) {
        if (taken == null) {
            return held;
        }
        if (held.isEmpty()) {
            return List.of(taken);
        }
        List<Hold> all = new ArrayList<>(held.size() + 1);
        all.add(taken);
        all.addAll(held);
        return all;
    }

    /** Asking the registry would wait for this very thread, or end as a conflict of kinds. */
    private static void refuseOtherKind(Hold hold, String name, LockKind wanted) {
        if (!hold.kind().covers(wanted)) {
            throw new IllegalStateException("Lock '" + name + "' is held by this thread as " + hold.kind()
                    + " and cannot be entered as " + wanted + "; let the outer method take it as " + wanted
                    + ", or let the inner one use another name");
        }
    }
}
