package dev.holdfast.lock.history;

import org.jspecify.annotations.Nullable;

/** Who is next: by the entries in the store, and by the calls of one process. And that whoever is next is not kept waiting. */
final class Order {

    /** After heal so long things still come that were sent before. */
    private static final long STRAGGLERS_NANOS = 8_000_000_000L;

    private final Records records;
    private final Allowances allowed;

    Order(Records records) {
        this.records = records;
        this.allowed = records.allowed;
    }

    /** A process hears of a loss before it gets anew what it had lost. */
    void granted(Event event, HoldRecord hold) {
        for (NameRecord name : records.names(event)) {
            for (HoldRecord other : name.holds.values()) {
                Event before = other.granted;
                if (before != null
                        && before.process().equals(event.process())
                        && before.number() < event.number()
                        && !other.over()
                        && !other.terms().besides(hold.terms())
                        && other.nextGrant == null) {
                    other.nextGrant = event;
                }
            }
        }
        promptly(event);
    }

    private void promptly(Event event) {
        Long turn = records.turn(event);
        CallRecord call = records.call(event);
        if (turn == null || call == null) {
            return;
        }
        long since = Math.max(turn, call.requested.at());
        Event heal = records.healed;
        boolean lateAfterHeal = heal != null
                && allowed.exact()
                && event.at() - Math.max(since, heal.at() + STRAGGLERS_NANOS)
                        > allowed.pollTime().toNanos();
        if (records.tooSlow(event.at() - since) || lateAfterHeal) {
            records.broken(
                    Promise.LIVENESS,
                    "nobody was before it for " + (event.at() - since) / 1_000_000 + " ms until " + event);
        }
    }

    /** Nobody holds before those that were put earlier and leave it no room. */
    void held(Event event, HoldRecord hold, NameRecord name) {
        Event other = name.entries.disagreeing(event.number(), hold.terms());
        if (other != null) {
            records.broken(Promise.AGREEMENT, event + " on " + hold.terms() + " after " + other);
            return;
        }
        Event before = name.entries.before(event.number(), hold.terms());
        if (before != null) {
            records.broken(Promise.FIFO, event + " although older in the store: " + before);
        }
    }

    /**
     * Calls of one process that wait for one name are served in their order. Exclusive ones strictly, since only the first of them has an
     * entry. Others have theirs at the same time, so that news of them cross; but nothing may lie between where nothing is in the way.
     */
    void served(Event event, ProcessRecord process, NameRecord name) {
        CallRecord call = records.call(event);
        if (call == null || call.once()) {
            return;
        }
        Event later = overtaken(event, call, process, name);
        if (later != null) {
            records.broken(Promise.FIFO, call.requested + " was served after the later " + later);
        }
        process.served(name.name).put(event.call(), event);
    }

    /** Nor is one sent away whose time was up long after a later one had come in. */
    void sentAway(Event event, CallRecord call, ProcessRecord process) {
        if (call.once() || !event.detail().isEmpty()) {
            return;
        }
        for (NameRecord name : records.names(event)) {
            Event later = overtaken(event, call, process, name);
            if (later != null && !call.terms().plain()) {
                records.broken(Promise.FIFO, call.requested + " was not served, but the later " + later);
            }
        }
    }

    private @Nullable Event overtaken(Event now, CallRecord call, ProcessRecord process, NameRecord name) {
        for (Event other : process.served(name.name).tailMap(now.call(), false).values()) {
            CallRecord later = records.call(other);
            boolean strict =
                    later != null && later.terms().plain() && call.terms().plain();
            if (strict || records.tooSlow(now.at() - other.at())) {
                return other;
            }
        }
        return null;
    }
}
