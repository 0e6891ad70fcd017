package dev.holdfast.lock.engine;

import dev.holdfast.lock.history.Promise;
import java.util.List;

/**
 * Engines with one mistake each, the mistakes that locks on etcd are known to make (reliability.md, section 6). Each is a change to the
 * byte code of one class, see {@link Mistakes}; a simulation that does not tell a mutant from the engine would be worth nothing.
 */
public enum Mutant {
    /** The deadline is counted from when the answer came, not from when the request was sent. */
    DEADLINE_FROM_RECEIVE_TIME(
            LeaseTerm.class, List.of("confirm"), Mistakes.FromReceiveTime.class, Promise.LOCAL_LEARNS_FIRST),

    /** A release deletes the key, whoever's hold it is by now. */
    RELEASE_BY_KEY(Protocol.class, List.of("remove"), Mistakes.ByKey.class, Promise.NO_SPURIOUS_LOSS),

    /** An acquire does not compare the guard, so that one given up can come through later. */
    ACQUIRE_WITHOUT_GUARD(Protocol.class, List.of("join", "take"), Mistakes.WithoutGuard.class, Promise.NO_LEAKS),

    /** The clean-up after a doubt does not compare the guard either. */
    CLEAN_UP_WITHOUT_GUARD(
            Protocol.class, List.of("reconcile"), Mistakes.Unconditional.class, Promise.NO_SPURIOUS_LOSS),

    /** That the predecessor is gone is taken for being the first. */
    WATCH_TRUSTED(
            "dev.holdfast.lock.engine.PredecessorWait$1",
            List.of("changed"),
            Mistakes.GrantOnEvent.class,
            Promise.FIFO),

    /** Without an event of the watch nobody looks. */
    NO_POLL(PredecessorWait.class, List.of("armPoll"), Mistakes.Nothing.class, Promise.LIVENESS),

    /** After the wait nobody looks whether the own entry is still there. */
    OWN_ENTRY_NOT_CHECKED(
            PredecessorWait.class, List.of("decide"), Mistakes.OwnEntryAssumed.class, Promise.LOCAL_LEARNS_FIRST),

    /** A lease that was given up is renewed on. */
    RENEWAL_AFTER_LOSS(Session.class, List.of("end"), Mistakes.RenewedOn.class, Promise.DEAD_MEANS_DEAD),

    /** The holders get no time to hear of the end. */
    NO_MARGIN(SessionTiming.class, List.of("margin"), Mistakes.NoTime.class, Promise.LOCAL_LEARNS_FIRST),

    /** A machine that slept believes its clock. */
    CLOCK_JUMP_IGNORED(LeaseTerm.class, List.of("jumped"), Mistakes.No.class, Promise.LOCAL_LEARNS_FIRST),

    /** Nobody looks whether somebody else deleted an entry. */
    NO_AUDIT(SessionAudit.class, List.of("ask"), Mistakes.Nothing.class, Promise.LOCAL_LEARNS_FIRST);

    private final Weaving weaving;
    private final Promise promise;

    Mutant(Class<?> type, List<String> methods, Class<?> mistake, Promise promise) {
        this(type.getName(), methods, mistake, promise);
    }

    Mutant(String type, List<String> methods, Class<?> mistake, Promise promise) {
        this.weaving = new Weaving(type, methods, mistake);
        this.promise = promise;
    }

    /** What makes it of the engine. */
    public Weaving weaving() {
        return weaving;
    }

    /** A promise it breaks, among others perhaps. */
    public Promise promise() {
        return promise;
    }
}
