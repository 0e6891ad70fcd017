package dev.holdfast.lock.engine;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LeadershipListener;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockListener.WaitOutcome;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.engine.Request.Outcome;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A candidate that stays one: request after request, each leading to a term when it is granted.
 *
 * <p><b>Order.</b> Within a term: its hold, {@code elected}, the end of the hold, {@code revoked}; only when that has returned is a key
 * deleted that we give up ourselves, and only then is there another request. After a loss nothing is deleted: the margin of the
 * session belongs to those who still stop; nor when the registry closes, where the leases go when all were told. A term that ended
 * before its turn came is told to nobody.
 *
 * <p><b>Concurrency.</b> Events run in the mailbox; the listener, and requests after the first, in turns on the callback executor.
 */
final class StandingCandidacy implements LeaderElection.Candidacy {

    private enum Phase {
        /** Its request waits. */
        STANDING,
        /** A request failed; the next comes after a pause. */
        PAUSED,
        /** It has a hold. */
        LEADING,
        /** Between two requests, or after the last: a turn is due, or a key is being deleted. */
        BETWEEN,
        OVER
    }

    private static final Logger log = LoggerFactory.getLogger(StandingCandidacy.class);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final LockEngine engine;
    private final EngineContext context;
    private final Candidates candidates;
    private final EngineLock lock;
    private final String value;
    private final LeadershipListener listener;
    private final Mailbox mailbox = new Mailbox();
    private final Turns turns;
    private final Backoff backoff;

    /** Completes when the listener will not be called any more. Never given out, as the next. */
    private final CompletableFuture<Void> silent = new CompletableFuture<>();

    /** Completes when nothing of the candidate is left either. */
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    private volatile boolean closed;

    /** The present term or the last; null before the first. */
    private volatile @Nullable Term term;

    // Of the mailbox:
    private Phase phase = Phase.BETWEEN;
    private @Nullable Request request;
    private TimeSource.@Nullable Timer pause;
    private boolean failureLogged;

    // Of the turns:
    private boolean toldElected;

    StandingCandidacy(
            LockEngine engine,
            EngineContext context,
            Candidates candidates,
            EngineLock lock,
            String value,
            LeadershipListener listener) {
        this.engine = engine;
        this.context = context;
        this.candidates = candidates;
        this.lock = lock;
        this.value = value;
        this.listener = listener;
        this.turns = new Turns(context.callbacks());
        this.backoff = Backoff.upTo(LONGEST_PAUSE, context.random());
    }

    /** @throws IllegalStateException if the registry takes no requests any more */
    void start() {
        engine.elections().add(this);
        try {
            stand();
        } catch (IllegalStateException refused) {
            engine.elections().remove(this);
            throw refused;
        }
    }

    @Override
    public boolean isLeader() {
        Term present = term;
        return present != null && present.isHeld();
    }

    @Override
    public Optional<Leadership> leadership() {
        return Optional.<Leadership>ofNullable(term).filter(Leadership::isHeld);
    }

    @Override
    public void resign() {
        Term present = term;
        if (present != null) {
            resign(present);
        }
    }

    void resign(Term which) {
        if (which.hold().end()) {
            await(which.hold().whenGone());
        }
    }

    @Override
    public void close() {
        leave(false);
        await(over);
    }

    /** Ends the candidacy; the future completes when the listener will not be called any more. Never given out. */
    CompletableFuture<Void> leave(boolean registryCloses) {
        closed = true;
        mailbox.execute(() -> withdraw(registryCloses));
        return silent;
    }

    boolean runningHere() {
        return turns.runningHere();
    }

    /** On a user's thread or the callback executor's, since listeners are told of the request. */
    private void stand() {
        Request next = lock.submit(false, EngineLock.FOREVER);
        mailbox.execute(() -> stood(next));
        next.outcome.whenComplete((outcome, impossible) -> mailbox.execute(() -> decided(next, outcome)));
    }

    private void standAgain() {
        if (closed) {
            mailbox.execute(this::finish);
            return;
        }
        try {
            stand();
        } catch (IllegalStateException refused) {
            log.info("The candidacy in election '{}' has ended: {}", candidates.name(), refused.getMessage());
            closed = true;
            mailbox.execute(this::finish);
        }
    }

    private void stood(Request next) {
        phase = Phase.STANDING;
        request = next;
        if (closed) {
            withdraw(false);
        }
    }

    private void withdraw(boolean registryCloses) {
        Request pending = request;
        Term present = term;
        if (phase == Phase.STANDING && pending != null) {
            silent.complete(null);
            engine.giveUp(pending, NameQueue.GivenUp.INTERRUPTED);
        } else if (phase == Phase.PAUSED && pause != null) {
            pause.cancel();
            finish();
        } else if (phase == Phase.LEADING && present != null) {
            if (registryCloses) {
                present.hold().lose(LockLoss.Reason.CLOSED, "the registry was closed");
            } else {
                present.hold().end();
            }
        }
        // Otherwise a turn is due, which sees that it is closed.
    }

    private void decided(Request done, Outcome outcome) {
        request = null;
        Hold hold = outcome instanceof Outcome.Granted granted ? granted.hold() : null;
        if (closed) {
            phase = Phase.BETWEEN;
            context.callbacks().run(() -> lock.tellNotAcquired(done, WaitOutcome.INTERRUPTED, null));
            if (hold == null) {
                finish();
            } else {
                hold.abandon();
                hold.onGone(() -> mailbox.execute(this::finish));
            }
        } else if (hold == null) {
            phase = Phase.PAUSED;
            turns.execute(() -> notElected(done, outcome));
            pause = context.after(backoff.next(), mailbox, () -> {
                if (phase == Phase.PAUSED) {
                    phase = Phase.BETWEEN;
                    turns.execute(this::standAgain);
                }
            });
        } else {
            lead(hold);
        }
    }

    private void lead(Hold hold) {
        phase = Phase.LEADING;
        backoff.reset();
        failureLogged = false;
        Term next = new Term(context, candidates, hold, value, this);
        term = next;
        turns.execute(() -> elected(next));
        hold.onEnd(() -> mailbox.execute(() -> {
            phase = Phase.BETWEEN;
            turns.execute(() -> revoked(next));
        }));
    }

    private void notElected(Request done, Outcome outcome) {
        try {
            lock.result(done, outcome);
        } catch (LockException failure) {
            mailbox.execute(() -> {
                if (!failureLogged) {
                    failureLogged = true;
                    log.warn(
                            "A candidate in election '{}' could not stand and will try again: {}",
                            candidates.name(),
                            failure.getMessage());
                }
            });
        }
    }

    private void elected(Term next) {
        next.hold().announce();
        if (!next.hold().ended()) {
            toldElected = true;
            tell("elected", told -> told.elected(next));
        }
    }

    private void revoked(Term last) {
        if (toldElected) {
            toldElected = false;
            tell("revoked", told -> told.revoked(last));
        }
        mailbox.execute(() -> afterTerm(last.hold()));
    }

    private void afterTerm(Hold hold) {
        if (hold.loss().isEmpty()) {
            hold.letGo();
        }
        if (closed) {
            silent.complete(null);
            hold.onGone(() -> mailbox.execute(this::finish));
        } else {
            turns.execute(this::standAgain);
        }
    }

    private void finish() {
        phase = Phase.OVER;
        engine.elections().remove(this);
        silent.complete(null);
        over.complete(null);
    }

    private void tell(String what, Consumer<LeadershipListener> call) {
        try {
            call.accept(listener);
        } catch (Throwable failure) {
            // Whatever it is: the next call is due all the same.
            log.warn(
                    "Leadership listener {} failed in {} of election '{}'",
                    listener.getClass().getName(),
                    what,
                    candidates.name(),
                    failure);
        }
    }

    private void await(Future<?> done) {
        if (turns.runningHere()) {
            return; // it would wait for itself
        }
        if (!Uninterruptible.await(context.time(), done, context.options().closeTimeout())) {
            log.warn(
                    "A candidate in election '{}' is not gone yet: a callback still runs, or etcd does not answer; it goes on in"
                            + " the background",
                    candidates.name());
        }
    }
}
