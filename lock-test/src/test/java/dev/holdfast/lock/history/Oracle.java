package dev.holdfast.lock.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges a history by what users were told, C1 to C12 of the research: it knows nothing of engine or etcd. A hold counts as advertised
 * from the first to the last time its {@code isHeld()} said yes; a process that is stopped says nothing and so claims nothing.
 */
public final class Oracle {

    /** No call of the tests waits longer for the others, once nothing is wrong any more. */
    private static final long LONGEST_AFTER_HEAL_NANOS = 600_000_000_000L;

    /** A grant rests on an answer that is not older than a request's timeout, and a moment to tell of it. */
    private static final long NEWS_NANOS = 2_500_000_000L;

    /** After heal so long things still come that were sent before. */
    private static final long STRAGGLERS_NANOS = 8_000_000_000L;

    private final Allowances allowed;
    private final List<Violation> violations = new ArrayList<>();
    private final Map<Long, CallRecord> calls = new LinkedHashMap<>();
    private final Map<String, NameRecord> names = new HashMap<>();
    private final Map<String, ProcessRecord> processes = new HashMap<>();

    /** Who has a lease. */
    private final Map<Long, ProcessRecord> owners = new HashMap<>();

    /** Said to be given back, while the entry stood in the store: only the end of its session explains that. */
    private final List<Event> standing = new ArrayList<>();

    private @Nullable Event healed;

    private Oracle(Allowances allowed) {
        this.allowed = allowed;
    }

    /** What the history breaks; empty: nothing. */
    public static List<Violation> judge(History history, Allowances allowed) {
        Oracle oracle = new Oracle(allowed);
        for (Event event : history.events()) {
            oracle.read(event);
        }
        oracle.conclude();
        return oracle.violations;
    }

    private void read(Event event) {
        ProcessRecord process = processes.computeIfAbsent(event.process(), unseen -> new ProcessRecord());
        switch (event.kind()) {
            case STARTED, FAULT -> {
                // For the reader.
            }
            case HEALED -> healed = event;
            case KILLED -> process.killed = true;
            case STOPPED -> process.stop(event.at());
            case CONTINUED -> process.resume(event.at());
            case REQUESTED -> {
                calls.put(event.call(), new CallRecord(event, process.stopped(event.at())));
                process.busy(event.name(), 1, event.at());
            }
            case GRANTED -> granted(event, process);
            case NOT_GRANTED -> ended(event, process);
            case INTERRUPTED -> interrupted(event, process);
            case HELD -> held(event, process);
            case NOT_HELD -> {
                HoldRecord hold = hold(event);
                hold.denied = hold.denied == null ? event : hold.denied;
            }
            case RELEASING -> {
                HoldRecord hold = hold(event);
                hold.releasing = event;
                hold.stoppedBeforeReleasing = process.stopped(event.at());
            }
            case RELEASED -> released(event, process);
            case TOLD_ACQUIRED -> {
                HoldRecord hold = hold(event);
                hold.toldAcquired++;
                hold.toldOfIt = event;
            }
            case TOLD_RELEASED -> toldReleased(event, process);
            case TOLD_LOST -> lost(event, process);
            case SESSION_ENDED -> process.ended.put(event.number(), event);
            case RENEWING -> renewing(event, process);
            case CONFIRMED -> {
                owners.put(event.number(), process);
                process.confirmed
                        .computeIfAbsent(event.number(), lease -> new ArrayList<>())
                        .add(event);
            }
            case CLOSING -> {
                process.closing = event;
                process.stoppedBeforeClosing = process.stopped(event.at());
            }
            case CLOSED -> closed(event, process);
            case PUT -> name(event).put(event);
            case DELETED -> {
                NameRecord name = name(event);
                name.deleted(event);
                unneeded(event, owners.get(name.lease(event.number())));
            }
            case WRITTEN -> written(event);
            case WRITE_REFUSED -> {
                if (event.detail().equals(Event.HOLDER)
                        && !allowed.exclusionByTokenOnly()
                        && hold(event).interference == null) {
                    broken(Promise.FENCING, "refused although it holds: " + event);
                }
            }
            case INTERFERED -> hold(event).interference = event;
            case STORM -> broken(Promise.NO_STORMS, event.toString());
            case LEFT_OVER -> broken(Promise.NO_LEAKS, event.toString());
            case CONTRADICTED -> broken(Promise.NO_CONTRADICTION, event.toString());
        }
    }

    /** No entry stands longer than somebody in its process has to do with it. */
    private void unneeded(Event deleted, @Nullable ProcessRecord owner) {
        if (owner == null) {
            return;
        }
        Long idle = owner.idleSince(deleted.name());
        if (idle != null
                && !owner.killed
                && owner.closing == null
                && hold(deleted).lost == null // its lease takes the margin to end
                && !allowed.prompt().isZero()
                && deleted.at() - idle > allowed.prompt().toNanos()) {
            broken(
                    Promise.NO_LEAKS,
                    "stood for " + (deleted.at() - idle) / 1_000_000 + " ms without a call: " + deleted);
        }
    }

    private void granted(Event event, ProcessRecord process) {
        ended(event, process);
        HoldRecord hold = hold(event);
        if (hold.granted != null) {
            broken(Promise.TOKEN_ORDER, "twice the same token: " + hold.granted + " and " + event);
        }
        hold.granted = event;
        afterOthers(event);
        promptly(event);
        Event deleted = name(event).deletion(event.number());
        if (deleted != null
                && !event.detail().equals(Event.NOT_RENEWED)
                && event.at() - deleted.at() - process.stoppedSince(deleted.at(), event.at()) > NEWS_NANOS) {
            broken(Promise.LOCAL_LEARNS_FIRST, "granted long after the entry was gone: " + deleted + ", " + event);
        }
    }

    /** A process hears of a loss before it gets the lock anew. */
    private void afterOthers(Event event) {
        for (HoldRecord other : name(event).holds.values()) {
            Event before = other.granted;
            if (before != null
                    && before.process().equals(event.process())
                    && before.number() < event.number()
                    && other.lost == null
                    && other.releasing == null
                    && other.nextGrant == null) {
                other.nextGrant = event;
            }
        }
    }

    private void promptly(Event event) {
        Long turn = name(event).turn(event.number());
        CallRecord call = calls.get(event.call());
        if (turn == null || call == null) {
            return;
        }
        long since = Math.max(turn, call.requested.at());
        Event heal = healed;
        boolean late = !allowed.prompt().isZero()
                && event.at() - since > allowed.prompt().toNanos();
        boolean lateAfterHeal = heal != null
                && allowed.exact()
                && event.at() - Math.max(since, heal.at() + STRAGGLERS_NANOS)
                        > allowed.pollTime().toNanos();
        if (late || lateAfterHeal) {
            broken(
                    Promise.LIVENESS,
                    "nobody was before it for " + (event.at() - since) / 1_000_000 + " ms until " + event);
        }
    }

    /** Calls of one process that wait for one name are served in their order. */
    private void localOrder(Event event, ProcessRecord process) {
        CallRecord call = calls.get(event.call());
        if (call == null || call.requested.detail().equals(Event.TRY)) {
            return;
        }
        Event last = process.served.get(event.name());
        if (last != null && last.call() > event.call()) {
            broken(Promise.FIFO, call.requested + " was served after the later " + last);
        }
        process.served.merge(event.name(), event, (a, b) -> a.call() > b.call() ? a : b);
    }

    private void ended(Event event, ProcessRecord process) {
        CallRecord call = calls.get(event.call());
        if (call == null) {
            broken(Promise.CALLBACK_ORDER, "the end of a call that was never begun: " + event);
            return;
        }
        if (call.ended != null) {
            broken(Promise.CALLBACK_ORDER, "two ends of one call: " + call.ended + " and " + event);
            return;
        }
        call.ended = event;
        if (event.kind() == Event.Kind.NOT_GRANTED) {
            process.busy(event.name(), -1, event.at());
        }
        Event heal = healed;
        if (heal != null && event.at() - Math.max(heal.at(), call.requested.at()) > LONGEST_AFTER_HEAL_NANOS) {
            broken(Promise.LIVENESS, "long after " + heal + ": " + call.requested + " ended as " + event);
        }
        // While it was stopped the call could not return; and not within its time after that either if it came late.
        long stopped = process.stopped(event.at()) - call.stoppedBefore;
        long took = event.at() - call.requested.at() - stopped;
        if (took > call.requested.number() + allowed.lateReturn().toNanos()) {
            broken(Promise.TIMEOUTS_KEPT, call.requested + " took " + took / 1_000_000 + " ms until " + event);
        }
        gaveUp(event, call, process, took);
        Event interrupt = call.interrupted;
        if (interrupt != null) {
            long late = event.at() - interrupt.at() - (process.stopped(event.at()) - call.stoppedBeforeInterrupt);
            if (late > allowed.lateInterrupt().toNanos()) {
                broken(Promise.TIMEOUTS_KEPT, interrupt + " took " + late / 1_000_000 + " ms until " + event);
            }
        }
    }

    /** Who waits is not sent away before its time, and who does not wait not kept. */
    private void gaveUp(Event event, CallRecord call, ProcessRecord process, long took) {
        boolean once = call.requested.detail().equals(Event.TRY);
        if (once && !allowed.prompt().isZero() && took > allowed.prompt().toNanos()) {
            broken(Promise.TIMEOUTS_KEPT, call.requested + " does not wait, but ended as " + event);
        }
        boolean early = event.at() - call.requested.at() < call.requested.number() / 1_000 * 998;
        if (event.kind() != Event.Kind.NOT_GRANTED || once || !early) {
            return;
        }
        if (event.detail().isEmpty()) {
            broken(Promise.TIMEOUTS_KEPT, call.requested + " was sent away early: " + event);
        } else if (allowed.exact()
                && !allowed.losses()
                && process.closing == null
                && event.detail().startsWith("Lock")) {
            broken(Promise.NO_SPURIOUS_LOSS, "nothing is wrong, but " + call.requested + " ended as " + event);
        }
    }

    private void interrupted(Event event, ProcessRecord process) {
        CallRecord call = calls.get(event.call());
        if (call != null && call.interrupted == null) {
            call.interrupted = event;
            call.stoppedBeforeInterrupt = process.stopped(event.at());
        }
    }

    private void held(Event event, ProcessRecord process) {
        NameRecord name = name(event);
        HoldRecord hold = hold(event);
        if (hold.lost != null) {
            broken(Promise.DEAD_MEANS_DEAD, hold.lost + " but then " + event);
        } else if (hold.denied != null && allowed.steadyClocks()) {
            broken(Promise.DEAD_MEANS_DEAD, hold.denied + " but then " + event);
        }
        if (touched(hold, event, process) || allowed.exclusionByTokenOnly()) {
            return;
        }
        Event granted = hold.granted;
        if (granted != null
                && granted.detail().equals(Event.NOT_RENEWED)
                && event.at() - granted.at() - process.stoppedSince(granted.at(), event.at())
                        > allowed.ttl().toNanos() / 1_000 * 1_002) {
            broken(Promise.TTL_KEPT, granted + " but longer than its TTL " + event);
        }
        Event other = name.lastClaim;
        if (!hold.claimed) {
            hold.claimed = true;
            name.lastClaim = event;
            if (other != null && other.number() >= event.number()) {
                broken(Promise.TOKEN_ORDER, "a token not above the one before: " + other + ", then " + event);
            }
            if (allowed.exact()) {
                localOrder(event, process);
            }
        } else if (other != null && other.number() != event.number()) {
            broken(Promise.MUTUAL_EXCLUSION, "both hold: " + other + " and " + event);
        }
        Event deleted = name.deletion(event.number());
        if (deleted != null) {
            broken(Promise.LOCAL_LEARNS_FIRST, "after " + deleted + " still " + event);
        }
        Event oldest = allowed.exact() ? name.oldest() : null;
        if (oldest != null && oldest.number() < event.number()) {
            broken(Promise.FIFO, event + " although older in the store: " + oldest);
        }
    }

    /** Whether another hand was on its entry, so short ago that it need not have been noticed. */
    private boolean touched(HoldRecord hold, Event now, ProcessRecord process) {
        Event interference = hold.interference;
        if (interference == null) {
            return false;
        }
        Event heal = healed;
        if (allowed.losses() && heal == null) {
            return true; // faults may keep every look at the entry from an answer
        }
        long since = heal == null ? interference.at() : Math.max(interference.at(), heal.at());
        return now.at() - since - process.stoppedSince(since, now.at())
                <= allowed.noticeTime().toNanos();
    }

    private void lost(Event event, ProcessRecord process) {
        HoldRecord hold = hold(event);
        told(event, hold, true);
        hold.lost = event;
        boolean touched = hold.interference != null;
        Event next = hold.nextGrant;
        if (next != null
                && event.at() - next.at() - process.stoppedSince(next.at(), event.at()) > Causes.TELLING_NANOS) {
            broken(Promise.CALLBACK_ORDER, "heard of " + event + " long after " + next);
        }
        if (allowed.exact() && !touched && !allowed.exclusionByTokenOnly()) {
            String missing = Causes.missing(event, hold, name(event), process, allowed);
            if (missing != null) {
                broken(Promise.NO_SPURIOUS_LOSS, event + " but " + missing);
            }
        }
        switch (event.detail()) {
            case "CLOSED" -> {
                return;
            }
            case "KEY_DELETED" -> {
                if (!touched) {
                    broken(Promise.NO_SPURIOUS_LOSS, "nobody touched its key: " + event);
                }
            }
            default -> {
                Event granted = hold.granted;
                boolean renewed = granted == null || !granted.detail().equals(Event.NOT_RENEWED);
                if (!mayBeLost(granted) && !touched && renewed) {
                    broken(Promise.NO_SPURIOUS_LOSS, event.toString());
                } else if (!allowed.losses() && !touched && granted != null && allowed.exact()) {
                    fullTtl(granted, event);
                }
            }
        }
        Event deleted = name(event).deletion(event.number());
        if (event.detail().equals("EXPIRED")
                && deleted != null
                && !touched
                && process.closing == null // which revokes at once
                && !allowed.exclusionByTokenOnly()
                && process.stoppedSince(deleted.at() - Causes.STOP_MATTERS_NANOS, deleted.at()) == 0) {
            broken(Promise.LOCAL_LEARNS_FIRST, event + " was told only after " + deleted);
        }
    }

    /** Faults may cost a hold, unless everything had been well for a whole TTL when it was granted. */
    private boolean mayBeLost(@Nullable Event granted) {
        Event heal = healed;
        boolean well = heal != null
                && granted != null
                && granted.at() - heal.at() > allowed.ttl().toNanos();
        return allowed.losses() && !(allowed.exact() && well);
    }

    /** At the grant the lease was confirmed a moment ago: by a renewal period, an attempt and the grant's own requests. */
    private void fullTtl(Event granted, Event lost) {
        long least = Causes.shortestTrust(allowed.ttl())
                - allowed.ttl().toNanos() * 5 / 12
                - Duration.ofSeconds(1).toNanos();
        if (lost.at() - granted.at() < least) {
            broken(
                    Promise.TTL_KEPT,
                    granted + " lasted only " + (lost.at() - granted.at()) / 1_000_000 + " ms until " + lost);
        }
    }

    private void toldReleased(Event event, ProcessRecord process) {
        HoldRecord hold = hold(event);
        told(event, hold, false);
        Event deleted = name(event).deletion(event.number());
        Event releasing = hold.releasing;
        if (allowed.exact()
                && deleted != null
                && releasing != null
                && deleted.at() < releasing.at()
                && hold.interference == null
                && process.closing == null
                && (allowed.steadyClocks()
                        || process.stoppedSince(deleted.at() - Causes.STOP_MATTERS_NANOS, releasing.at()) == 0)) {
            broken(Promise.LOCAL_LEARNS_FIRST, event + " although it was lost by " + deleted);
        }
    }

    private void released(Event event, ProcessRecord process) {
        HoldRecord hold = hold(event);
        hold.released = event;
        process.busy(event.name(), -1, event.at());
        Event releasing = hold.releasing;
        if (releasing != null && !event.detail().equals(Event.IN_BACKGROUND)) {
            long took = event.at() - releasing.at() - (process.stopped(event.at()) - hold.stoppedBeforeReleasing);
            if (took > allowed.releaseTime().toNanos()) {
                broken(Promise.TIMEOUTS_KEPT, releasing + " took " + took / 1_000_000 + " ms");
            }
            if (event.at() - releasing.at() >= allowed.releaseGivesUp().toNanos()) {
                return; // it promises to go on by itself
            }
        }
        if (allowed.exact() && process.closing == null && name(event).stands(event.number())) {
            standing.add(event);
        }
    }

    private void told(Event event, HoldRecord hold, boolean lost) {
        hold.toldEnded++;
        if (hold.toldAcquired == 0) {
            broken(Promise.CALLBACK_ORDER, (lost ? "lost" : "released") + " before acquired: " + event);
        }
        if (hold.toldEnded > 1) {
            broken(Promise.CALLBACK_ORDER, "told twice of its end: " + event);
        }
    }

    private void renewing(Event event, ProcessRecord process) {
        Event end = process.ended.get(event.number());
        if (end != null) {
            broken(Promise.DEAD_MEANS_DEAD, end + " but then " + event);
        }
    }

    private void closed(Event event, ProcessRecord process) {
        Event closing = process.closing;
        if (closing != null) {
            long took = event.at() - closing.at() - (process.stopped(event.at()) - process.stoppedBeforeClosing);
            Duration limit = allowed.prompt().isZero() ? allowed.closeTime() : allowed.prompt();
            if (took > limit.toNanos()) {
                broken(Promise.TIMEOUTS_KEPT, closing + " took " + took / 1_000_000 + " ms");
            }
        }
    }

    private void written(Event event) {
        NameRecord name = name(event);
        if (event.number() < name.greatestWritten) {
            broken(Promise.FENCING, event + " after a write with " + name.greatestWritten);
        }
        name.greatestWritten = Math.max(name.greatestWritten, event.number());
    }

    private void conclude() {
        for (CallRecord call : calls.values()) {
            ProcessRecord process = processes.get(call.requested.process());
            boolean gone = process != null && process.killed;
            if (call.ended == null && !gone) {
                broken(Promise.LIVENESS, "never ended: " + call.requested);
            }
            if (call.ended != null
                    && call.requested.detail().equals(Event.PROBE)
                    && call.ended.kind() != Event.Kind.GRANTED) {
                broken(Promise.LIVENESS, "not to be had after heal: " + call.requested + ", " + call.ended);
            }
        }
        for (Event released : standing) {
            concludeStanding(released);
        }
        for (NameRecord name : names.values()) {
            for (HoldRecord hold : name.holds.values()) {
                concludeHold(name, hold);
            }
        }
    }

    private void concludeStanding(Event released) {
        ProcessRecord process = processes.get(released.process());
        if (process == null || process.killed) {
            return;
        }
        if (hold(released).interference != null) {
            return; // it was lost, and what other hands put is removed after that was told
        }
        Event end = process.ended.get(name(released).lease(released.number()));
        if (end == null
                || end.at() - released.at() - process.stoppedSince(released.at(), end.at()) > Causes.TELLING_NANOS) {
            broken(Promise.NO_LEAKS, released + " but its entry stands in the store");
        }
    }

    private void concludeHold(NameRecord name, HoldRecord hold) {
        Event granted = hold.granted;
        if (granted == null) {
            concludeUntaken(hold);
            return;
        }
        ProcessRecord process = processes.get(granted.process());
        boolean gone = process != null && process.killed;
        if (!gone && (hold.toldAcquired != 1 || hold.toldEnded != 1)) {
            broken(
                    Promise.CALLBACK_ORDER,
                    granted + " was told " + hold.toldAcquired + " times as acquired, " + hold.toldEnded
                            + " times as ended");
        }
        if (!gone && allowed.exact() && hold.releasing != null && hold.released == null) {
            broken(Promise.LIVENESS, "never told of the end of " + hold.releasing);
        }
        if (name.observed() && !name.wasPut(granted.number())) {
            broken(Promise.TOKEN_ORDER, "no entry was created with the token of " + granted);
        }
    }

    /** Nobody got it, since the caller left in the same moment. */
    private void concludeUntaken(HoldRecord hold) {
        Event told = hold.toldOfIt;
        ProcessRecord process = told == null ? null : processes.get(told.process());
        if (process != null && !process.killed && hold.toldEnded != 1) {
            broken(Promise.CALLBACK_ORDER, told + " but of its end " + hold.toldEnded + " times, and nobody got it");
        }
    }

    private HoldRecord hold(Event event) {
        return name(event).hold(event.number());
    }

    private NameRecord name(Event event) {
        return names.computeIfAbsent(event.name(), name -> new NameRecord());
    }

    private void broken(Promise promise, String detail) {
        violations.add(new Violation(promise, detail));
    }
}
