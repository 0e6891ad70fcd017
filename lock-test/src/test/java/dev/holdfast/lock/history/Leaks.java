package dev.holdfast.lock.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entries that stand in the store without need, and those that are gone although they were needed: a name is kept for its least time,
 * and no longer.
 */
final class Leaks {

    /** A kept entry goes with a lease of whole seconds, at least as long as an election, which etcd ends a while after its time. */
    private static final long KEPT_LONGER_NANOS = Duration.ofSeconds(5).toNanos();

    private final Records records;
    private final Allowances allowed;

    /** Said to be given back, while the entry stood in the store: only the end of its session explains that. */
    private final List<Event> standing = new ArrayList<>();

    /** Of entries that nobody works with any more: those of a hold that is lost, or kept after its release. */
    private final List<Event> parted = new ArrayList<>();

    Leaks(Records records) {
        this.records = records;
        this.allowed = records.allowed;
    }

    void put(Event put) {
        ProcessRecord owner = records.owner(put);
        if (owner != null) {
            owner.balance(put.name()).entry(1, put.at());
        }
    }

    /** No entry stands longer than somebody in its process has to do with it. */
    void deleted(Event deleted) {
        Tenure tenure = records.name(deleted).tenure(deleted.number());
        tenure.holds().forEach(hold -> tooEarly(deleted, hold));
        tooLate(deleted, tenure.last());
        ProcessRecord owner = records.owner(deleted);
        if (owner == null || tenure.holds().stream().anyMatch(hold -> hold.parted)) {
            return;
        }
        Balance balance = owner.balance(deleted.name());
        long unneeded = balance.tooManyFor(deleted.at());
        balance.entry(-1, deleted.at());
        if (!owner.killed && owner.closing == null && records.tooSlow(unneeded)) {
            records.broken(Promise.NO_LEAKS, "stood for " + unneeded / 1_000_000 + " ms without a call: " + deleted);
        }
    }

    /** Its lease takes the margin to end. */
    void lost(Event event, HoldRecord hold) {
        part(event, hold);
    }

    /** @param late whether it promised to go on by itself */
    void released(Event event, ProcessRecord process, HoldRecord hold, boolean late) {
        for (NameRecord name : records.names(event)) {
            process.balance(name.name).work(-1, event.at());
        }
        hold.settled = !late;
        hold.sessionEnds = process.ended;
        hold.lease = records.names(event).get(0).entries.lease(hold.entry);
        Event deleted = records.deletion(event);
        if (deleted != null) {
            tooEarly(deleted, hold);
        }
        if (hold.keeps(event.at())) {
            records.names(event).forEach(name -> name.claims.keep(hold));
        }
        if (!records.stands(event)) {
            return;
        }
        // Its time may be over while the store is asked to keep it.
        Event began = hold.releasing == null ? event : hold.releasing;
        boolean unsure = !allowed.steadyClocks() && hold.keptAtMost != Long.MIN_VALUE;
        if ((unsure || began.at() < hold.keptAtMost) && hold.lost == null) {
            part(event, hold);
        } else if (!late && allowed.exact() && process.closing == null) {
            standing.add(event);
        }
    }

    private void part(Event event, HoldRecord hold) {
        if (hold.parted) {
            return;
        }
        hold.parted = true;
        parted.add(event);
        for (NameRecord name : records.names(event)) {
            ProcessRecord owner = records.owner(name.name, hold.entry);
            if (owner != null && name.entries.stands(hold.entry)) {
                owner.balance(name.name).entry(-1, event.at());
            }
        }
    }

    private void tooEarly(Event deleted, HoldRecord hold) {
        if (hold.keeps(deleted.at()) && !allowed.exclusionByTokenOnly()) {
            records.broken(
                    Promise.HELD_AT_LEAST,
                    hold.released + " leaves its entry for " + (hold.keptUntil - deleted.at()) / 1_000_000
                            + " ms more, but " + deleted);
        }
    }

    private void tooLate(Event deleted, HoldRecord hold) {
        Event lost = hold.lost;
        ProcessRecord owner = records.owner(deleted);
        if (keptTooLong(deleted.at(), hold)) {
            records.broken(Promise.NO_LEAKS, "kept for longer than asked: " + hold.granted + ", " + deleted);
        } else if (lost != null
                && lost.detail().equals("MAX_HOLD")
                && owner != null
                && !owner.killed
                && records.tooSlow(deleted.at() - lost.at())) {
            records.broken(Promise.NO_LEAKS, "its cap ended it, but its entry stood on: " + lost + ", " + deleted);
        }
    }

    private boolean keptTooLong(long now, HoldRecord hold) {
        return hold.settled
                && hold.lost == null
                && hold.interference == null
                && allowed.exact()
                && !allowed.prompt().isZero() // leaders that change give leases their time anew
                && hold.keptAtMost != Long.MIN_VALUE
                && now - hold.keptAtMost > KEPT_LONGER_NANOS;
    }

    /** @param end of the history */
    void conclude(long end) {
        for (Event released : standing) {
            concludeStanding(released);
        }
        for (Event event : parted) {
            HoldRecord hold = records.hold(event);
            if (records.stands(event) && keptTooLong(end, hold)) {
                records.broken(Promise.NO_LEAKS, "kept for ever: " + hold.granted);
            }
        }
    }

    private void concludeStanding(Event released) {
        ProcessRecord process = records.process(released);
        HoldRecord hold = records.hold(released);
        if (process.killed || hold.interference != null) {
            return; // it was lost, and what other hands put is removed after that was told
        }
        HoldRecord next = records.tenure(released).after(hold);
        if (next != null && next.first != null && soon(released, next.first, process)) {
            return; // it was passed on
        }
        if (allowed.handOver().enabled() && hold.asked.plain() && somebodyLeft(released, hold)) {
            return; // it was passed on to one who left in the same moment, of which nobody hears
        }
        Event end = end(process, released);
        if (end == null || !soon(released, end, process)) {
            records.broken(Promise.NO_LEAKS, released + " but its entry stands in the store");
        }
    }

    /** Whether a call of the same process for the name ended without a hold while this one was given back. */
    private boolean somebodyLeft(Event released, HoldRecord hold) {
        Event releasing = hold.releasing == null ? released : hold.releasing;
        return records.calls.values().stream().anyMatch(call -> {
            Event ended = call.ended;
            return ended != null
                    && ended.kind() == Event.Kind.NOT_GRANTED
                    && ended.process().equals(released.process())
                    && ended.name().equals(released.name())
                    && call.terms().plain()
                    && call.requested.at() <= released.at()
                    && ended.at() >= releasing.at()
                    && ended.at() <= released.at() + Causes.TELLING_NANOS;
        });
    }

    private static boolean soon(Event released, Event then, ProcessRecord process) {
        return then.at() - released.at() - process.stoppedSince(released.at(), then.at()) <= Causes.TELLING_NANOS;
    }

    /** Of its session. */
    private @Nullable Event end(ProcessRecord process, Event released) {
        for (NameRecord name : records.names(released)) {
            Event end = process.ended.get(name.entries.lease(records.hold(released).entry));
            if (end != null) {
                return end;
            }
        }
        return null;
    }
}
