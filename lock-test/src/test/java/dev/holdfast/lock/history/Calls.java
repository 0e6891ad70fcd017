package dev.holdfast.lock.history;

/** Calls end once and in their time: neither late nor, if they wait, early. */
final class Calls {

    /** No call of the tests waits longer for the others, once nothing is wrong any more. */
    private static final long LONGEST_AFTER_HEAL_NANOS = 600_000_000_000L;

    private final Records records;
    private final Allowances allowed;

    Calls(Records records) {
        this.records = records;
        this.allowed = records.allowed;
    }

    /** Whether it is the end of a call that was begun and had none. */
    boolean ended(Event event, ProcessRecord process) {
        CallRecord call = records.call(event);
        if (call == null) {
            records.broken(Promise.CALLBACK_ORDER, "the end of a call that was never begun: " + event);
            return false;
        }
        if (call.ended != null) {
            records.broken(Promise.CALLBACK_ORDER, "two ends of one call: " + call.ended + " and " + event);
            return false;
        }
        call.ended = event;
        Event heal = records.healed;
        if (heal != null && event.at() - Math.max(heal.at(), call.requested.at()) > LONGEST_AFTER_HEAL_NANOS) {
            records.broken(Promise.LIVENESS, "long after " + heal + ": " + call.requested + " ended as " + event);
        }
        // While it was stopped the call could not return; and not within its time after that either if it came late.
        long stopped = process.stopped(event.at()) - call.stoppedBefore;
        long took = event.at() - call.requested.at() - stopped;
        if (took > call.requested.number() + allowed.lateReturn().toNanos()) {
            records.broken(Promise.TIMEOUTS_KEPT, call.requested + " took " + took / 1_000_000 + " ms until " + event);
        }
        gaveUp(event, call, process, took);
        Event interrupt = call.interrupted;
        if (interrupt != null) {
            long late = event.at() - interrupt.at() - (process.stopped(event.at()) - call.stoppedBeforeInterrupt);
            if (late > allowed.lateInterrupt().toNanos()) {
                records.broken(Promise.TIMEOUTS_KEPT, interrupt + " took " + late / 1_000_000 + " ms until " + event);
            }
        }
        return true;
    }

    /** Who waits is not sent away before its time, and who does not wait not kept. */
    private void gaveUp(Event event, CallRecord call, ProcessRecord process, long took) {
        if (call.once() && records.tooSlow(took)) {
            records.broken(Promise.TIMEOUTS_KEPT, call.requested + " does not wait, but ended as " + event);
        }
        boolean early = event.at() - call.requested.at() < call.requested.number() / 1_000 * 998;
        if (event.kind() != Event.Kind.NOT_GRANTED || call.once() || !early) {
            return;
        }
        if (event.detail().isEmpty()) {
            records.broken(Promise.TIMEOUTS_KEPT, call.requested + " was sent away early: " + event);
        } else if (allowed.exact()
                && !allowed.losses()
                && process.closing == null
                && event.detail().startsWith("Lock")
                && !event.detail().contains(Event.CONFLICT)) {
            records.broken(Promise.NO_SPURIOUS_LOSS, "nothing is wrong, but " + call.requested + " ended as " + event);
        }
    }

    void interrupted(Event event, ProcessRecord process) {
        CallRecord call = records.call(event);
        if (call != null && call.interrupted == null) {
            call.interrupted = event;
            call.stoppedBeforeInterrupt = process.stopped(event.at());
        }
    }

    void conclude() {
        for (CallRecord call : records.calls.values()) {
            if (call.ended == null && !records.gone(call.requested)) {
                records.broken(Promise.LIVENESS, "never ended: " + call.requested);
            }
            if (call.ended != null
                    && call.requested.detail().equals(Event.PROBE)
                    && call.ended.kind() != Event.Kind.GRANTED) {
                records.broken(Promise.LIVENESS, "not to be had after heal: " + call.requested + ", " + call.ended);
            }
        }
    }
}
