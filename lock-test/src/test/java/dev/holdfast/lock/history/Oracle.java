package dev.holdfast.lock.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Judges a history by what users were told, C1 to C12 of the research: it knows nothing of engine or etcd. A hold counts as advertised
 * from the first to the last time its {@code isHeld()} said yes; a process that is stopped says nothing and so claims nothing.
 *
 * <p>Here is the life of a hold; what goes beyond one is in classes of its own: {@link Claims} at once, {@link Order}, {@link
 * Agreement}, {@link Sets}, {@link Losses}, {@link Leaks}, {@link Calls}.
 */
public final class Oracle {

    /** A grant rests on an answer that is not older than a request's timeout, and a moment to tell of it. */
    private static final long NEWS_NANOS = 2_500_000_000L;

    private final Allowances allowed;
    private final Records records;
    private final Calls calls;
    private final Order order;
    private final Agreement agreement;
    private final Sets sets;
    private final Losses losses;
    private final Leaks leaks;
    private long now;

    private Oracle(Allowances allowed) {
        this.allowed = allowed;
        this.records = new Records(allowed);
        this.calls = new Calls(records);
        this.order = new Order(records);
        this.agreement = new Agreement(records);
        this.sets = new Sets(records);
        this.losses = new Losses(records);
        this.leaks = new Leaks(records);
    }

    /** What the history breaks; empty: nothing. */
    public static List<Violation> judge(History history, Allowances allowed) {
        Oracle oracle = new Oracle(allowed);
        for (Event event : history.events()) {
            oracle.read(event);
        }
        oracle.conclude();
        return oracle.records.violations();
    }

    private void read(Event event) {
        records.next();
        now = event.at();
        ProcessRecord process = records.process(event);
        switch (event.kind()) {
            case STARTED, FAULT -> {
                // For the reader.
            }
            case HEALED -> records.healed = event;
            case KILLED -> process.killed = true;
            case STOPPED -> process.stop(event.at());
            case CONTINUED -> process.resume(event.at());
            case REQUESTED -> {
                records.requested(event);
                work(event, process, 1);
            }
            case GRANTED -> granted(event, process);
            case NOT_GRANTED -> notGranted(event, process);
            case INTERRUPTED -> calls.interrupted(event, process);
            case DRAWN -> drawn(event);
            case HELD -> held(event, process);
            case NOT_HELD -> {
                HoldRecord hold = records.hold(event);
                hold.denied = hold.denied == null ? event : hold.denied;
            }
            case DOWNGRADING -> {
                HoldRecord hold = records.hold(event);
                hold.downgrading = event;
                hold.downgradingPosition = records.position();
                hold.stoppedBeforeDowngrading = process.stopped(event.at());
            }
            case DOWNGRADED -> downgraded(event, process);
            case EXTENDED -> extended(event);
            case RELEASING -> {
                HoldRecord hold = records.hold(event);
                hold.releasing = event;
                hold.stoppedBeforeReleasing = process.stopped(event.at());
                order.releasing(event, hold);
            }
            case RELEASED -> released(event, process);
            case TOLD_ACQUIRED -> {
                HoldRecord hold = records.hold(event);
                hold.toldAcquired++;
                hold.toldOfIt = event;
            }
            case TOLD_RELEASED -> toldReleased(event, process);
            case TOLD_LOST -> lost(event, process);
            case SESSION_ENDED -> process.ended.put(event.number(), event);
            case RENEWING -> renewing(event, process);
            case CONFIRMED -> {
                records.owns(process, event.number());
                process.confirmed
                        .computeIfAbsent(event.number(), lease -> new ArrayList<>())
                        .add(event);
            }
            case CLOSING -> {
                process.closing = event;
                process.stoppedBeforeClosing = process.stopped(event.at());
            }
            case CLOSED -> closed(event, process);
            case PUT -> {
                records.name(event).entries.put(event);
                leaks.put(event);
                sets.put(event);
            }
            case CHANGED -> agreement.changed(event);
            case DELETED -> {
                records.name(event).entries.deleted(event);
                leaks.deleted(event);
            }
            case WRITTEN -> written(event);
            case WRITE_REFUSED -> refused(event);
            case INTERFERED -> records.name(event).tenure(event.number()).interfere(event);
            case STORM -> records.broken(Promise.NO_STORMS, event.toString());
            case LEFT_OVER -> records.broken(Promise.NO_LEAKS, event.toString());
            case CONTRADICTED -> records.broken(Promise.NO_CONTRADICTION, event.toString());
        }
    }

    private void work(Event event, ProcessRecord process, int change) {
        for (NameRecord name : records.names(event)) {
            process.balance(name.name).work(change, event.at());
        }
    }

    private void granted(Event event, ProcessRecord process) {
        calls.ended(event, process);
        HoldRecord hold = records.hold(event);
        if (hold.granted != null) {
            records.broken(Promise.TOKEN_ORDER, "twice the same hold: " + hold.granted + " and " + event);
        }
        hold.granted = event;
        hold.token = event.tokenOrNumber();
        CallRecord call = records.call(event);
        if (call != null) {
            hold.asked = call.terms();
            times(event, hold, call);
        }
        boolean counted = hold.asked.is(Terms.Mode.SEMAPHORE);
        if (hold.token != 0 && (counted ? hold.token != hold.entry : hold.token < hold.entry)) {
            records.broken(Promise.TOKEN_ORDER, "not the token of its entry: " + event);
        }
        agreement.granted(event, hold);
        sets.granted(event, hold);
        order.granted(event, hold);
        Event deleted = records.deletion(event);
        // Of an entry that was gone before anybody could read it, nobody knows whose turn it was.
        boolean read = records.names(event).stream().allMatch(name -> name.entries.terms(hold.entry) != null);
        if (deleted != null && read && records.turn(event) == null && allowed.exact()) {
            records.broken(
                    Promise.LOCAL_LEARNS_FIRST, "granted although the entry went before its turn came: " + deleted);
        }
        // News of a turn can be late; that other hands touched the entry meanwhile, the next audit finds.
        if (deleted != null
                && hold.interference == null
                && !event.detail().equals(Event.NOT_RENEWED)
                && event.at() - deleted.at() - process.stoppedSince(deleted.at(), event.at()) > NEWS_NANOS) {
            records.broken(
                    Promise.LOCAL_LEARNS_FIRST, "granted long after the entry was gone: " + deleted + ", " + event);
        }
    }

    /** Of a hold that had none: a revision at which its entry was written. */
    private void drawn(Event event) {
        HoldRecord hold = records.hold(event);
        if (hold.token != 0) {
            records.broken(Promise.TOKEN_ORDER, "it has a token, " + hold.token + ", and shall have another: " + event);
            return;
        }
        hold.token = event.token();
        hold.drawn = event;
        for (NameRecord name : records.names(event)) {
            name.claims.drawn(hold, records);
        }
    }

    /** It was granted at some time between its turn and the return of its call, and the times of its terms count from then. */
    private void times(Event granted, HoldRecord hold, CallRecord call) {
        Long turn = records.turn(granted);
        long earliest = turn == null ? call.requested.at() : Math.max(turn, call.requested.at());
        count(hold, call.terms(), earliest, granted.at());
    }

    /** From then the times count anew, by the clock of a call that may take a moment. */
    private void extended(Event event) {
        count(
                records.hold(event),
                event.terms(),
                event.at(),
                event.at() + allowed.lateReturn().toNanos());
    }

    private static void count(HoldRecord hold, Terms terms, long earliest, long latest) {
        long keep = terms.keepNanos();
        hold.keptUntil = keep == 0 ? Long.MIN_VALUE : earliest + keep / 1_000 * 998;
        hold.keptAtMost = keep == 0 ? Long.MIN_VALUE : latest + keep / 1_000 * 1_002;
        long cap = terms.capNanos();
        hold.capFrom = cap == 0 ? Long.MAX_VALUE : earliest + cap / 1_000 * 998;
        hold.capUntil = cap == 0 ? Long.MAX_VALUE : latest + cap / 1_000 * 1_002;
    }

    private void notGranted(Event event, ProcessRecord process) {
        CallRecord call = records.call(event);
        if (!calls.ended(event, process) || call == null) {
            return;
        }
        agreement.notGranted(event, call);
        order.sentAway(event, call, process);
        work(event, process, -1);
    }

    private void held(Event event, ProcessRecord process) {
        HoldRecord hold = records.hold(event);
        if (hold.lost != null) {
            records.broken(Promise.DEAD_MEANS_DEAD, hold.lost + " but then " + event);
        } else if (hold.denied != null && allowed.steadyClocks()) {
            records.broken(Promise.DEAD_MEANS_DEAD, hold.denied + " but then " + event);
        }
        if (touched(hold, event, process) || allowed.exclusionByTokenOnly()) {
            return;
        }
        tooLong(event, hold, process);
        for (NameRecord name : records.names(event)) {
            if (name.claims.claim(event, hold, records) && allowed.exact()) {
                order.served(event, process, name);
            }
            Event deleted = name.entries.deletion(hold.entry);
            if (deleted != null) {
                records.broken(Promise.LOCAL_LEARNS_FIRST, "after " + deleted + " still " + event);
            }
            if (allowed.exact()) {
                order.held(event, hold, name);
            }
        }
    }

    private void tooLong(Event event, HoldRecord hold, ProcessRecord process) {
        Event granted = hold.granted;
        if (granted == null) {
            return;
        }
        long stopped = process.stoppedSince(granted.at(), event.at());
        if (granted.detail().equals(Event.NOT_RENEWED)
                && event.at() - granted.at() - stopped > allowed.ttl().toNanos() / 1_000 * 1_002) {
            records.broken(Promise.TTL_KEPT, granted + " but longer than its TTL " + event);
        }
        if (event.at() - stopped > hold.capUntil) {
            records.broken(Promise.TTL_KEPT, granted + " but longer than its cap " + event);
        }
    }

    /** Whether another hand was on its entry, so short ago that it need not have been noticed. */
    private boolean touched(HoldRecord hold, Event now, ProcessRecord process) {
        Event interference = hold.interference;
        if (interference == null) {
            return false;
        }
        Event heal = records.healed;
        if (allowed.losses() && heal == null) {
            return true; // faults may keep every look at the entry from an answer
        }
        long since = heal == null ? interference.at() : Math.max(interference.at(), heal.at());
        return now.at() - since - process.stoppedSince(since, now.at())
                <= allowed.noticeTime().toNanos();
    }

    /** The read hold is there; others may have to wait for a downgrade that was not answered in time. */
    private void downgraded(Event event, ProcessRecord process) {
        HoldRecord hold = records.hold(event);
        hold.downgraded = event;
        Event began = hold.downgrading;
        if (began == null) {
            records.broken(Promise.CALLBACK_ORDER, "nobody asked for it: " + event);
            return;
        }
        long took = event.at() - began.at() - (process.stopped(event.at()) - hold.stoppedBeforeDowngrading);
        if (took > allowed.releaseTime().toNanos()) {
            records.broken(Promise.TIMEOUTS_KEPT, began + " took " + took / 1_000_000 + " ms");
        }
        Terms entry = records.name(event).entries.terms(hold.entry);
        if (allowed.exact()
                && event.at() - began.at() < allowed.releaseGivesUp().toNanos()
                && records.stands(event)
                && hold.interference == null
                && process.closing == null
                && entry != null
                && !entry.is(Terms.Mode.SHARED)) {
            hold.keepsReadersOut = event;
        }
    }

    private void lost(Event event, ProcessRecord process) {
        HoldRecord hold = records.hold(event);
        told(event, hold, "lost");
        hold.lost = event;
        losses.lost(event, hold, process);
        leaks.lost(event, hold);
    }

    private void toldReleased(Event event, ProcessRecord process) {
        HoldRecord hold = records.hold(event);
        told(event, hold, "released");
        Event deleted = records.deletion(event);
        Event releasing = hold.releasing;
        if (allowed.exact()
                && deleted != null
                && releasing != null
                && deleted.at() < releasing.at()
                && hold.interference == null
                && process.closing == null
                && (allowed.steadyClocks()
                        || process.stoppedSince(deleted.at() - Causes.STOP_MATTERS_NANOS, releasing.at()) == 0)) {
            records.broken(Promise.LOCAL_LEARNS_FIRST, event + " although it was lost by " + deleted);
        }
    }

    private void released(Event event, ProcessRecord process) {
        HoldRecord hold = records.hold(event);
        hold.released = event;
        Event releasing = hold.releasing;
        boolean late = false;
        if (releasing != null && !event.detail().equals(Event.IN_BACKGROUND)) {
            long took = event.at() - releasing.at() - (process.stopped(event.at()) - hold.stoppedBeforeReleasing);
            if (took > allowed.releaseTime().toNanos()) {
                records.broken(Promise.TIMEOUTS_KEPT, releasing + " took " + took / 1_000_000 + " ms");
            }
            late = event.at() - releasing.at() >= allowed.releaseGivesUp().toNanos();
        }
        leaks.released(event, process, hold, late);
    }

    private void told(Event event, HoldRecord hold, String end) {
        hold.toldEnded++;
        if (hold.toldAcquired == 0 || (hold.downgrading != null && hold.toldEnded > hold.toldAcquired)) {
            records.broken(Promise.CALLBACK_ORDER, end + " before acquired: " + event);
        }
        if (hold.toldEnded > (hold.downgrading == null ? 1 : 2)) {
            records.broken(Promise.CALLBACK_ORDER, "told twice of its end: " + event);
        }
    }

    private void renewing(Event event, ProcessRecord process) {
        Event end = process.ended.get(event.number());
        if (end != null) {
            records.broken(Promise.DEAD_MEANS_DEAD, end + " but then " + event);
        }
    }

    private void closed(Event event, ProcessRecord process) {
        Event closing = process.closing;
        if (closing != null) {
            long took = event.at() - closing.at() - (process.stopped(event.at()) - process.stoppedBeforeClosing);
            long limit = (allowed.prompt().isZero() ? allowed.closeTime() : allowed.prompt()).toNanos();
            if (took > limit) {
                records.broken(Promise.TIMEOUTS_KEPT, closing + " took " + took / 1_000_000 + " ms");
            }
        }
    }

    /** Tokens of a semaphore are not for fencing, and readers have nothing to fear from each other. */
    private void written(Event event) {
        Terms terms = records.hold(event).terms();
        if (terms.is(Terms.Mode.SEMAPHORE)) {
            return;
        }
        boolean alone = !terms.is(Terms.Mode.SHARED);
        for (NameRecord name : records.names(event)) {
            long least = alone ? name.greatestWritten : name.greatestWrittenAlone;
            long token = event.tokenOrNumber();
            if (token < least) {
                records.broken(Promise.FENCING, event + " after a write with " + least);
            }
            name.greatestWritten = Math.max(name.greatestWritten, token);
            if (alone) {
                name.greatestWrittenAlone = Math.max(name.greatestWrittenAlone, token);
            }
        }
    }

    private void refused(Event event) {
        HoldRecord hold = records.hold(event);
        if (event.detail().equals(Event.HOLDER)
                && !allowed.exclusionByTokenOnly()
                && hold.terms().is(Terms.Mode.EXCLUSIVE)
                && hold.interference == null) {
            records.broken(Promise.FENCING, "refused although it holds: " + event);
        }
    }

    private void conclude() {
        calls.conclude();
        leaks.conclude(now);
        sets.conclude();
        Set<HoldRecord> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (NameRecord name : records.names()) {
            for (HoldRecord hold : name.holds.values()) {
                if (seen.add(hold)) {
                    concludeHold(hold);
                }
            }
        }
    }

    private void concludeHold(HoldRecord hold) {
        Event granted = hold.granted;
        if (granted == null) {
            concludeUntaken(hold);
            return;
        }
        boolean gone = records.gone(granted);
        if (!gone && !toldOnce(hold)) {
            records.broken(
                    Promise.CALLBACK_ORDER,
                    granted + " was told " + hold.toldAcquired + " times as acquired, " + hold.toldEnded
                            + " times as ended");
        }
        if (!gone && allowed.exact() && hold.releasing != null && hold.released == null) {
            records.broken(Promise.LIVENESS, "never told of the end of " + hold.releasing);
        }
        if (!gone && hold.downgrading != null && hold.downgraded == null && hold.lost == null) {
            records.broken(Promise.LIVENESS, "neither a reader nor lost after " + hold.downgrading);
        }
        Event keeps = hold.keepsReadersOut;
        Event lost = hold.lost;
        // The end of its session ends a downgrade, too, a moment before it is told.
        if (keeps != null && (lost == null || lost.at() - keeps.at() > Causes.TELLING_NANOS)) {
            records.broken(Promise.LIVENESS, keeps + " but its entry keeps readers out");
        }
        for (NameRecord name : records.names(granted)) {
            if (name.entries.observed()) {
                concludeEntry(hold, granted, name);
            }
        }
    }

    /** By an entry of its own process it was held, and a token that was drawn is of a write of that. */
    private void concludeEntry(HoldRecord hold, Event granted, NameRecord name) {
        if (!name.entries.wasPut(hold.entry)) {
            records.broken(Promise.TOKEN_ORDER, "no entry was created at that revision: " + granted);
            return;
        }
        ProcessRecord owner = records.owner(name.name, hold.entry);
        if (owner != null && owner != records.process(granted)) {
            records.broken(Promise.MUTUAL_EXCLUSION, "by another process's entry: " + granted);
        }
        Event drawn = hold.drawn;
        if (drawn != null && !name.entries.wasRewritten(hold.entry, drawn.token())) {
            records.broken(Promise.TOKEN_ORDER, "its entry was not written then: " + drawn);
        }
        if (hold.lost != null && name.tenure(hold.entry).after(hold) != null) {
            records.broken(Promise.DEAD_MEANS_DEAD, "passed on although it was lost: " + hold.lost);
        }
    }

    /** A downgrade ends one hold and begins another; one that failed may have come so far or not. */
    private static boolean toldOnce(HoldRecord hold) {
        if (hold.downgrading != null && hold.downgraded == null && hold.toldAcquired == 2) {
            return hold.toldEnded == 2;
        }
        int times = hold.downgraded == null ? 1 : 2;
        return hold.toldAcquired == times && hold.toldEnded == times;
    }

    /** Nobody got it, since the caller left in the same moment. */
    private void concludeUntaken(HoldRecord hold) {
        Event told = hold.toldOfIt;
        if (told != null && !records.gone(told) && hold.toldEnded != 1) {
            records.broken(
                    Promise.CALLBACK_ORDER, told + " but of its end " + hold.toldEnded + " times, and nobody got it");
        }
    }
}
