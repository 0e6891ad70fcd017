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

    /** That one who blocks us has gone is taken for being the first. */
    WATCH_TRUSTED(TurnWait.class, List.of("enoughGone"), Mistakes.Yes.class, Promise.FIFO),

    /** A deletion that the answer knew already, told late or again, counts for the entry that has the key since. */
    OLD_DELETION_TRUSTED(TurnWait.class, List.of("later"), Mistakes.Yes.class, Promise.MUTUAL_EXCLUSION),

    /** What a watch tells counts for answers from before it was in place, as if there had been no gap. */
    GAP_BRIDGED(TurnWait.class, List.of("lasting"), Mistakes.Yes.class, Promise.LOCAL_LEARNS_FIRST),

    /** That the own entry was deleted is told and not heard. */
    OWN_DELETION_IGNORED(TurnWait.class, List.of("own"), Mistakes.No.class, Promise.LOCAL_LEARNS_FIRST),

    /** Whoever was not in a short answer is not waited for. */
    PART_OF_QUEUE_TRUSTED(
            "dev.holdfast.lock.engine.Standing$Blocked", List.of("all"), Mistakes.Yes.class, Promise.MUTUAL_EXCLUSION),

    /** A watch that nobody needs stays. */
    IDLE_WATCH_KEPT(NameWatch.class, List.of("linger"), Mistakes.Nothing.class, Promise.NO_LEAKS),

    /** Without an event of the watch nobody looks. */
    NO_POLL(TurnWait.class, List.of("armPoll"), Mistakes.Nothing.class, Promise.LIVENESS),

    /** After the wait nobody looks whether the own entry is still there. */
    OWN_ENTRY_NOT_CHECKED(
            TurnWait.class, List.of("decide"), Mistakes.OwnEntryAssumed.class, Promise.LOCAL_LEARNS_FIRST),

    /** A lease that was given up is renewed on. */
    RENEWAL_AFTER_LOSS(Session.class, List.of("end"), Mistakes.RenewedOn.class, Promise.DEAD_MEANS_DEAD),

    /** The holders get no time to hear of the end. */
    NO_MARGIN(SessionTiming.class, List.of("margin"), Mistakes.NoTime.class, Promise.LOCAL_LEARNS_FIRST),

    /** A machine that slept believes its clock. */
    CLOCK_JUMP_IGNORED(LeaseTerm.class, List.of("jumped"), Mistakes.No.class, Promise.LOCAL_LEARNS_FIRST),

    /** Nobody looks whether somebody else deleted an entry. */
    NO_AUDIT(SessionAudit.class, List.of("ask"), Mistakes.Nothing.class, Promise.LOCAL_LEARNS_FIRST),

    /** That an audit knows no such lease is taken for its end. */
    AUDIT_TRUSTED(Session.class, List.of("confirmGone"), Mistakes.LeaseGone.class, Promise.NO_SPURIOUS_LOSS),

    /** A refusal of a renewal is taken for the end of the lease. */
    REFUSAL_IS_FINAL(Session.class, List.of("failed"), Mistakes.RefusalIsEnd.class, Promise.NO_SPURIOUS_LOSS),

    /** Credentials that have expired stay so. */
    CREDENTIALS_NOT_REFRESHED(
            Session.class, List.of("refreshCredentials"), Mistakes.Nothing.class, Promise.NO_SPURIOUS_LOSS),

    /** Nobody asks for another connection. */
    NO_RECONNECT(Session.class, List.of("judge"), Mistakes.Nothing.class, Promise.NO_SPURIOUS_LOSS),

    /** What must not be renewed is renewed on. */
    RENEWED_AGAINST_ORDERS(Session.class, List.of("stopRenewing"), Mistakes.Nothing.class, Promise.TTL_KEPT),

    /** A close that leaves its leases to their end. */
    CLOSE_WITHOUT_REVOKE(Session.class, List.of("revoke"), Mistakes.NotRevoked.class, Promise.NO_LEAKS),

    /** The lease of a hold that must not be renewed stays when the hold is gone, and is renewed. */
    SESSION_FORGOTTEN(QueueEntry.class, List.of("discard"), Mistakes.Nothing.class, Promise.NO_LEAKS),

    /** A release that does not wait for the store to say so. */
    RELEASE_TOLD_EARLY(QueueEntry.class, List.of("remove"), Mistakes.GoneAtOnce.class, Promise.NO_LEAKS),

    /** The end of a release is not told. */
    RELEASE_NOT_TOLD(Hold.class, List.of("gone"), Mistakes.Nothing.class, Promise.LIVENESS),

    /** A release covers up that the deadline has passed. */
    RELEASE_HIDES_LOSS(Hold.class, List.of("noticeDeadline"), Mistakes.Nothing.class, Promise.LOCAL_LEARNS_FIRST),

    /** A grant does not look at what is left of the lease. */
    GRANT_WHATEVER_IS_LEFT(Session.class, List.of("fitForGrant"), Mistakes.UnlessEnded.class, Promise.NO_CONTRADICTION),

    /** The first failure ends a call that has time left. */
    FIRST_FAILURE_FINAL(Admission.class, List.of("pause"), Mistakes.Failed.class, Promise.NO_SPURIOUS_LOSS),

    /** What happened before the watch was in place is not looked for. */
    WATCH_NOT_READ_AFTER(
            "dev.holdfast.lock.engine.TurnWait$Following",
            List.of("lookAgain"),
            Mistakes.Nothing.class,
            Promise.LIVENESS),

    /** Any key below a name counts. */
    FOREIGN_KEYS_COMPETE(LockKeys.class, List.of("competes"), Mistakes.Yes.class, Promise.LIVENESS),

    /** The last to come is the first to be served. */
    LAST_COME_FIRST_SERVED(NameQueue.class, List.of("accept"), Mistakes.Overtakes.class, Promise.FIFO),

    /** Who does not want to wait has to. */
    TRY_WAITS(QueueEntry.class, List.of("leaving"), Mistakes.Yes.class, Promise.TIMEOUTS_KEPT),

    /** A hold that is granted to somebody who left stays. */
    NOBODYS_HOLD(Hold.class, List.of("abandon"), Mistakes.Nothing.class, Promise.NO_LEAKS),

    /** A call that was cancelled waits on. */
    CANCEL_IGNORED(NameQueue.class, List.of("giveUp"), Mistakes.InterruptIgnored.class, Promise.NO_LEAKS),

    /** An interrupt in a call that goes on is swallowed. */
    INTERRUPT_SWALLOWED(Uninterruptible.class, List.of("await"), Mistakes.FlagCleared.class, Promise.NO_CONTRADICTION),

    /** The inner unlock gives back what the outer one holds. */
    ENTERED_UNCOUNTED(ThreadOwnedLock.class, List.of("reentered"), Mistakes.Uncounted.class, Promise.NO_CONTRADICTION),

    /** A queue without work stays, for each name there ever was. */
    QUEUES_NEVER_RETIRE(NameQueue.class, List.of("retireIfIdle"), Mistakes.Nothing.class, Promise.NO_LEAKS),

    /** What came through late, after its clean-up, stays. */
    ORPHANS_STAY(NameQueue.class, List.of("orphan"), Mistakes.Nothing.class, Promise.NO_LEAKS),

    /** A semaphore has one permit more than it says. */
    ONE_PERMIT_MORE(Kind.class, List.of("permits"), Mistakes.OneMore.class, Promise.MUTUAL_EXCLUSION),

    /** A writer is not in a reader's way. */
    READERS_IGNORE_WRITERS(Kind.class, List.of("blockedBy"), Mistakes.NotForReaders.class, Promise.MUTUAL_EXCLUSION),

    /** Of a set only the last name must be free. */
    SET_GRANTED_BY_ITS_LAST_NAME(
            "dev.holdfast.lock.engine.Standing", List.of("and"), Mistakes.TheOther.class, Promise.MUTUAL_EXCLUSION),

    /** Of a set only the first name is given back. */
    SET_GIVEN_BACK_IN_PART(Protocol.class, List.of("remove"), Mistakes.FirstOnly.class, Promise.ATOMICITY),

    /** Nobody looks whether others use the name for something else. */
    DISAGREEMENT_IGNORED(Kind.class, List.of("agreesWith"), Mistakes.Yes.class, Promise.AGREEMENT),

    /** A writer that has become a reader keeps other readers out. */
    DOWNGRADE_NOT_WRITTEN(Protocol.class, List.of("rewrite"), Mistakes.WritesNothing.class, Promise.LIVENESS),

    /** A hold lasts longer than it may. */
    MAX_HOLD_IGNORED(HoldCaps.class, List.of("spent"), Mistakes.No.class, Promise.TTL_KEPT),

    /** A name is free as soon as it is given back. */
    HOLD_AT_LEAST_IGNORED(HoldCaps.class, List.of("owing"), Mistakes.No.class, Promise.HELD_AT_LEAST),

    /** Two transactions that touch one name travel together: both are decided on the state before, and written at one revision. */
    TWO_OF_ONE_NAME_IN_A_BATCH(Batching.class, List.of("apart"), Mistakes.Yes.class, Promise.LOCAL_LEARNS_FIRST),

    /** In a batch each gets the answer of the next. */
    ANSWERS_DEALT_WRONGLY(Batch.class, List.of("answerTo"), Mistakes.OfTheNext.class, Promise.FIFO),

    /** A batch has an answer, but only its first is told. */
    ONLY_THE_FIRST_IS_ANSWERED(Batch.class, List.of("deal"), Mistakes.FirstAnswered.class, Promise.LIVENESS),

    /** Those of a refused batch are not sent again. */
    REFUSED_BATCH_FORGOTTEN(Batching.class, List.of("sendEachAlone"), Mistakes.Nothing.class, Promise.LIVENESS),

    /** The key is never given back as long as somebody in the process wants it. */
    PASSED_ON_FOR_EVER(Turn.class, List.of("goesOn"), Mistakes.Yes.class, Promise.FIFO),

    /** Whoever gets a lock passed on has the token of the first. */
    TOKEN_NOT_DRAWN(Hold.class, List.of("drawToken"), Mistakes.CreateRevision.class, Promise.TOKEN_ORDER),

    /** Whoever waited has a token from before those it waited for drew theirs. */
    TOKEN_FROM_BEFORE_THE_WAIT(
            QueueEntry.class, List.of("tokenAfterWait"), Mistakes.TokenOfEntry.class, Promise.TOKEN_ORDER),

    /** The key is not given back when the next queues at the end. */
    YIELD_KEEPS_ITS_KEY(Protocol.class, List.of("joinInsteadOf"), Mistakes.WithoutDelete.class, Promise.NO_LEAKS),

    /** Whoever got a lock passed on does not hear of its loss. */
    LOSS_OF_PASSED_ON_NOT_TOLD(
            Hold.class, List.of("lose"), Mistakes.NothingIfPassedOn.class, Promise.LOCAL_LEARNS_FIRST);

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
