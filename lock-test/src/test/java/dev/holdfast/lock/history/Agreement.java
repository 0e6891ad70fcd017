package dev.holdfast.lock.history;

/** Contenders of a name that state another kind or another number of permits: they are told so, and nobody else is. */
final class Agreement {

    /** So old may be what a process knows of the others. */
    private static final long NEWS_NANOS = 2_500_000_000L;

    private final Records records;
    private final Allowances allowed;

    Agreement(Records records) {
        this.records = records;
        this.allowed = records.allowed;
    }

    void granted(Event event, HoldRecord hold) {
        for (NameRecord name : records.names(event)) {
            Terms entry = name.entries.terms(hold.entry);
            boolean touched = name.tenure(hold.entry).interference != null;
            if (entry != null && !touched && !entry.kind().equals(hold.asked.kind())) {
                records.broken(
                        Promise.AGREEMENT, event + " was asked for as " + hold.asked + ", its entry says " + entry);
            }
        }
    }

    /** Only a write hold becomes something else: a read hold, and not before its user knows. */
    void changed(Event event) {
        Terms before = records.name(event).entries.changed(event);
        if (before == null || before.kind().equals(event.terms().kind())) {
            return;
        }
        if (!before.kind().equals(Terms.EXCLUSIVE) || !event.terms().kind().equals(Terms.SHARED)) {
            records.broken(Promise.AGREEMENT, "it was " + before + ": " + event);
        } else if (records.holder(event).downgrading == null && allowed.exact()) {
            records.broken(Promise.LOCAL_LEARNS_FIRST, "lets readers in, but its writer does not know: " + event);
        }
    }

    void notGranted(Event event, CallRecord call) {
        if (!allowed.exact()) {
            return;
        }
        if (event.detail().contains(Event.CONFLICT)) {
            if (!disputed(event, call)) {
                records.broken(Promise.AGREEMENT, "nobody disagrees with " + call.requested + ", but " + event);
            }
        } else if (event.detail().isEmpty() || event.detail().equals("LockNotAcquiredException")) {
            untold(event, call);
        }
    }

    private boolean disputed(Event event, CallRecord call) {
        long from = call.requested.at() - NEWS_NANOS;
        for (NameRecord name : records.names(event)) {
            if (name.entries.disagreed(call.terms(), from, event.at())) {
                return true;
            }
            // What other hands took away, or its lease while it slept, stands in the way until its process has noticed.
            if (name.holds.values().stream()
                    .anyMatch(hold -> hold.granted != null
                            && (hold.interference != null && !hold.over() || beingGivenBack(hold))
                            && hold.granted.process().equals(event.process())
                            && !hold.terms().agrees(call.terms()))) {
                return true;
            }
        }
        for (CallRecord other : records.calls.values()) {
            Event ended = other.ended;
            if (!other.terms().agrees(call.terms())
                    && (ended == null || ended.at() >= from)
                    && records.names(other.requested).stream().anyMatch(records.names(event)::contains)) {
                return true;
            }
        }
        return false;
    }

    /** Its process does not know yet that its entry is gone. */
    private static boolean beingGivenBack(HoldRecord hold) {
        return hold.releasing != null && hold.released == null;
    }

    /** Whoever had time for a look saw who was next or held all the time. */
    private void untold(Event event, CallRecord call) {
        if (!records.tooSlow(event.at() - call.requested.at())) {
            return;
        }
        for (NameRecord name : records.names(event)) {
            for (Event entry : name.entries.standing()) {
                Long turn = name.entries.turn(entry.number());
                if (turn != null
                        && turn <= call.requested.at()
                        && !entry.terms().agrees(call.terms())) {
                    records.broken(Promise.AGREEMENT, call.requested + " was not told that it disagrees with " + entry);
                }
            }
        }
    }
}
