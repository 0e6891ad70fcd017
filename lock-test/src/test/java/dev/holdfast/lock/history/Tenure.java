package dev.holdfast.lock.history;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The holds of one entry, in the order in which they became known: one, or several that were passed on inside its process. */
final class Tenure {

    private final List<HoldRecord> holds = new ArrayList<>();

    /** Somebody else's hand on the entry: it concerns all that hold by it. */
    @Nullable
    Event interference;

    /** A further hold, unless it is known. */
    void add(HoldRecord hold) {
        if (!holds.contains(hold)) {
            holds.add(hold);
            if (hold.interference == null) {
                hold.interference = interference;
            }
        }
    }

    void interfere(Event event) {
        interference = event;
        holds.forEach(hold -> hold.interference = event);
    }

    List<HoldRecord> holds() {
        return holds;
    }

    /** The one there is now; if nobody has held by the entry so far, one of which nothing is known. */
    HoldRecord last() {
        return holds.isEmpty() ? new HoldRecord() : holds.get(holds.size() - 1);
    }

    /** The one that passed it on to the given one; null: none is known. */
    @Nullable
    HoldRecord before(HoldRecord hold) {
        HoldRecord before = null;
        for (HoldRecord each : holds) {
            if (each == hold) {
                return before;
            }
            before = each;
        }
        return before;
    }

    /** The one to whom it was passed on. */
    @Nullable
    HoldRecord after(HoldRecord hold) {
        int place = holds.indexOf(hold);
        return place < 0 || place + 1 == holds.size() ? null : holds.get(place + 1);
    }

    /** When its first holder was told so, as far as known. */
    @Nullable
    Event firstGranted() {
        for (HoldRecord hold : holds) {
            if (hold.granted != null) {
                return hold.granted;
            }
        }
        return null;
    }
}
