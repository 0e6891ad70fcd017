package dev.holdfast.lock.history;

import dev.holdfast.lock.HandOver;
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
                        && other != hold
                        && other.entry <= hold.entry
                        && !other.over()
                        && !other.terms().besides(hold.terms())
                        && other.asked.names().equals(hold.asked.names())
                        && other.nextGrant == null) {
                    other.nextGrant = event;
                }
            }
        }
        promptly(event);
        HoldRecord before = records.tenure(event).before(hold);
        if (before != null && before.granted != null) {
            passedOn(event, hold, before);
        }
    }

    /** By its holder, to one who could have the very same entry, and only for as long as others need not come first. */
    private void passedOn(Event event, HoldRecord hold, HoldRecord before) {
        Event releasing = before.releasing;
        Event granted = before.granted;
        if (releasing == null || granted == null) {
            records.broken(Promise.MUTUAL_EXCLUSION, before.granted + " was not given back, but passed on: " + event);
            return;
        }
        if (!granted.process().equals(event.process())
                || !hold.asked.plain()
                || !before.asked.plain()
                || granted.detail().equals(Event.NOT_RENEWED)
                || event.detail().equals(Event.NOT_RENEWED)) {
            records.broken(Promise.AGREEMENT, "not to be passed on: " + granted + ", " + event);
        }
        HandOver bounds = allowed.handOver();
        if (!bounds.enabled()) {
            records.broken(Promise.FIFO, "passed on although that is switched off: " + event);
            return;
        }
        Event behind = before.waitingBehind;
        Tenure tenure = records.tenure(event);
        Event first = tenure.firstGranted();
        if (behind == null || first == null || hold.interference != null) {
            return;
        }
        // Whoever came in later was not there when its process last knew itself alone. The answer that said so may have
        // taken as long as a process waits for it, and be relied upon for as long again.
        long since = Math.max(behind.at(), first.at());
        long stopped = records.process(event).stoppedSince(since, releasing.at());
        if (releasing.at() - since - stopped > 10 * bounds.maxTime().toNanos() / 1_000 * 1_002) {
            records.broken(
                    Promise.FIFO,
                    "passed on after " + (releasing.at() - since) / 1_000_000 + " ms although " + behind + " waits: "
                            + event);
        }
        Long turn = records.name(behind).entries.turn(hold.entry);
        int passes = tenure.holds().indexOf(hold);
        if (turn != null && behind.at() < turn && passes > bounds.maxCount()) {
            records.broken(Promise.FIFO, "passed on " + passes + " times although " + behind + " waits: " + event);
        }
    }

    /** Of who gives a hold back: who waits behind it. */
    void releasing(Event event, HoldRecord hold) {
        if (hold.asked.plain()) {
            hold.waitingBehind = records.name(event).entries.behind(hold.entry);
        }
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
        Event other = name.entries.disagreeing(hold.entry, hold.terms());
        if (other != null) {
            records.broken(Promise.AGREEMENT, event + " on " + hold.terms() + " after " + other);
            return;
        }
        Event before = name.entries.before(hold.entry, hold.terms());
        if (before != null) {
            records.broken(Promise.FIFO, event + " although older in the store: " + before);
        }
    }

    /**
     * Calls of one process that wait for one name are served in their order. Exclusive ones strictly, since only the first of them has an
     * entry. Others have theirs at the same time, so that news of them cross; but nothing may lie between where nothing is in the way.
     * A set of names has a queue of its own: only the store orders it among the calls for single names.
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
            if (later != null && !later.terms().names().equals(call.terms().names())) {
                continue;
            }
            boolean strict =
                    later != null && later.terms().plain() && call.terms().plain();
            if (strict || records.tooSlow(now.at() - other.at())) {
                return other;
            }
        }
        return null;
    }
}
