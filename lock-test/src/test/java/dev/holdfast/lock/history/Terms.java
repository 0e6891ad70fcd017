package dev.holdfast.lock.history;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a call asks for, or what an entry in the store says that it is.
 *
 * @param permits how many may hold at once; 1 unless it is a semaphore
 * @param names of all that the call wants at once, or that the entry is one of; empty: the event's name alone
 * @param keepNanos for how long after the grant others stay out, even if it is released sooner; 0: no longer than it is held
 * @param capNanos how long it may be held; 0: no limit
 */
public record Terms(Mode mode, int permits, List<String> names, long keepNanos, long capNanos) {

    /** Who may hold beside it. */
    public enum Mode {
        /** Nobody. */
        EXCLUSIVE,
        /** Others that are shared: readers. */
        SHARED,
        /** So many semaphore holds in all as there are permits. */
        SEMAPHORE
    }

    /** What whoever says nothing means. */
    public static final Terms EXCLUSIVE = new Terms(Mode.EXCLUSIVE, 1, List.of(), 0, 0);

    public static final Terms SHARED = new Terms(Mode.SHARED, 1, List.of(), 0, 0);

    private static final Pattern PERMITS = Pattern.compile("\\{\"kind\":\"semaphore\",\"permits\":(\\d+),");

    public Terms {
        names = List.copyOf(names);
    }

    public static Terms semaphore(int permits) {
        return new Terms(Mode.SEMAPHORE, permits, List.of(), 0, 0);
    }

    /** All of them at once, each exclusive. */
    public static Terms allOf(List<String> names) {
        return new Terms(Mode.EXCLUSIVE, 1, names, 0, 0);
    }

    /** What an entry says that it is by how its value starts: one that says nothing is exclusive. */
    public static Terms saidBy(String value) {
        Matcher permits = PERMITS.matcher(value);
        if (permits.lookingAt()) {
            return semaphore(Integer.parseInt(permits.group(1)));
        }
        return value.startsWith("{\"kind\":\"shared\",") ? SHARED : EXCLUSIVE;
    }

    public Terms withKeep(Duration atLeast) {
        return new Terms(mode, permits, names, atLeast.toNanos(), capNanos);
    }

    public Terms withCap(Duration atMost) {
        return new Terms(mode, permits, names, keepNanos, atMost.toNanos());
    }

    /** The same as a reader: what a write hold is after its downgrade. */
    Terms downgraded() {
        return new Terms(Mode.SHARED, 1, names, keepNanos, capNanos);
    }

    /** Without names and times. */
    Terms kind() {
        return new Terms(mode, permits, List.of(), 0, 0);
    }

    /** Nothing but one exclusive name. */
    boolean plain() {
        return mode == Mode.EXCLUSIVE && names.size() < 2;
    }

    boolean is(Mode expected) {
        return mode == expected;
    }

    /** Whether both can wait for one name; otherwise one of them is told of the conflict. */
    boolean agrees(Terms other) {
        return is(Mode.SEMAPHORE) == other.is(Mode.SEMAPHORE) && permits == other.permits;
    }

    /** Whether both can hold one name at once, if nobody else does. */
    boolean besides(Terms other) {
        return mode == other.mode && permits == other.permits && (is(Mode.SHARED) || permits > 1);
    }

    /** Whether an earlier entry counts for a later one. */
    boolean countsFor(Terms later) {
        return !(is(Mode.SHARED) && later.is(Mode.SHARED));
    }

    /** Whether they may hold one name at once. */
    static boolean together(List<Terms> holders) {
        for (int i = 1; i < holders.size(); i++) {
            if (!holders.get(0).besides(holders.get(i))) {
                return false;
            }
        }
        return holders.size() < 2 || holders.get(0).is(Mode.SHARED) || holders.size() <= holders.get(0).permits;
    }
}
