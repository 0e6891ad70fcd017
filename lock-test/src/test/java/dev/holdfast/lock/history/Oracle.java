package dev.holdfast.lock.history;

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

    /** A stop this long before a loss may have kept the process from telling it in time: longer than any TTL in tests. */
    private static final long STOP_MATTERS_NANOS = 60_000_000_000L;

    /** No call of the tests waits longer for the others, once nothing is wrong any more. */
    private static final long LONGEST_AFTER_HEAL_NANOS = 600_000_000_000L;

    /** A grant rests on an answer that is not older than a request's timeout, and a moment to tell of it. */
    private static final long NEWS_NANOS = 2_500_000_000L;

    private final Allowances allowed;
    private final List<Violation> violations = new ArrayList<>();
    private final Map<Long, CallRecord> calls = new LinkedHashMap<>();
    private final Map<String, NameRecord> names = new HashMap<>();
    private final Map<String, ProcessRecord> processes = new HashMap<>();
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
            case REQUESTED -> calls.put(event.call(), new CallRecord(event, process.stopped(event.at())));
            case GRANTED -> granted(event, process);
            case NOT_GRANTED -> ended(event, process);
            case INTERRUPTED -> interrupted(event, process);
            case HELD -> held(event, process);
            case NOT_HELD, RELEASING -> {
                // Claims nothing.
            }
            case TOLD_ACQUIRED -> hold(event).toldAcquired++;
            case TOLD_RELEASED -> told(event, hold(event), false);
            case TOLD_LOST -> lost(event, process);
            case SESSION_ENDED -> process.ended.put(event.number(), event);
            case RENEWING -> renewing(event, process);
            case CLOSING -> {
                process.closing = event;
                process.stoppedBeforeClosing = process.stopped(event.at());
            }
            case CLOSED -> closed(event, process);
            case PUT -> name(event).put(event);
            case DELETED -> name(event).deleted(event);
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
        }
    }

    private void granted(Event event, ProcessRecord process) {
        ended(event, process);
        HoldRecord hold = hold(event);
        if (hold.granted != null) {
            broken(Promise.TOKEN_ORDER, "twice the same token: " + hold.granted + " and " + event);
        }
        hold.granted = event;
        Event deleted = name(event).deletion(event.number());
        if (deleted != null
                && !event.detail().equals(Event.NOT_RENEWED)
                && event.at() - deleted.at() - process.stoppedSince(deleted.at(), event.at()) > NEWS_NANOS) {
            broken(Promise.LOCAL_LEARNS_FIRST, "granted long after the entry was gone: " + deleted + ", " + event);
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
        Event interrupt = call.interrupted;
        if (interrupt != null) {
            long late = event.at() - interrupt.at() - (process.stopped(event.at()) - call.stoppedBeforeInterrupt);
            if (late > allowed.lateInterrupt().toNanos()) {
                broken(Promise.TIMEOUTS_KEPT, interrupt + " took " + late / 1_000_000 + " ms until " + event);
            }
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
        }
        if (touched(hold, event, process) || allowed.exclusionByTokenOnly()) {
            return;
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
                if (!allowed.losses() && !touched && renewed) {
                    broken(Promise.NO_SPURIOUS_LOSS, event.toString());
                }
            }
        }
        Event deleted = name(event).deletion(event.number());
        if (event.detail().equals("EXPIRED")
                && deleted != null
                && !touched
                && process.closing == null // which revokes at once
                && !allowed.exclusionByTokenOnly()
                && process.stoppedSince(deleted.at() - STOP_MATTERS_NANOS, deleted.at()) == 0) {
            broken(Promise.LOCAL_LEARNS_FIRST, event + " was told only after " + deleted);
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
            if (took > allowed.closeTime().toNanos()) {
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
        for (NameRecord name : names.values()) {
            for (HoldRecord hold : name.holds.values()) {
                concludeHold(name, hold);
            }
        }
    }

    private void concludeHold(NameRecord name, HoldRecord hold) {
        Event granted = hold.granted;
        if (granted == null) {
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
        if (name.observed() && !name.wasPut(granted.number())) {
            broken(Promise.TOKEN_ORDER, "no entry was created with the token of " + granted);
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
