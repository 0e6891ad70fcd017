package dev.holdfast.lock.engine;

import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.engine.Proclamation.Said;
import dev.holdfast.lock.store.StoreException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One term of a leader: a hold, and what the leader says of itself. A term of a standing candidacy resigns through that. */
final class Term implements Leadership {

    private final EngineContext context;
    private final Candidates candidates;
    private final Hold hold;
    private final @Nullable StandingCandidacy candidacy;
    private final AtomicReference<Said> said;

    Term(EngineContext context, Candidates candidates, Hold hold, String value, @Nullable StandingCandidacy candidacy) {
        this.context = context;
        this.candidates = candidates;
        this.hold = hold;
        this.candidacy = candidacy;
        this.said = new AtomicReference<>(new Said(value, hold.fencingToken()));
    }

    Hold hold() {
        return hold;
    }

    @Override
    public String value() {
        return said().value();
    }

    @Override
    public void proclaim(String value) {
        String checked = candidates.checked(value);
        hold.ensureHeld();
        CompletableFuture<Optional<Said>> answer = new Proclamation(context, hold, checked).start(said());
        // Also when it comes too late for the caller.
        answer.thenAccept(put -> put.ifPresent(news -> said.accumulateAndGet(news, Said::orLater)));
        boolean answered =
                Uninterruptible.await(context.time(), answer, context.options().requestTimeout());
        if (!answered || answer.isCompletedExceptionally()) {
            throw notProclaimed(answered ? StoreException.of(failureOf(answer)) : null);
        }
        if (answer.join().isEmpty()) {
            // Lost, as the hold knows by now; or released meanwhile.
            hold.ensureHeld();
        }
    }

    private Said said() {
        return Objects.requireNonNull(said.get());
    }

    private RuntimeException notProclaimed(@Nullable StoreException failure) {
        Optional<LockLoss> loss = hold.loss();
        if (loss.isPresent()) {
            return new LockLostException(loss.get());
        }
        return new LockUnavailableException(
                name(),
                "The leader's new value in election '" + name() + "' is not confirmed: "
                        + (failure == null ? "etcd did not answer in time" : failure.getMessage())
                        + "; it may appear later. It still leads while isHeld() says so; check that etcd is up and reachable, then"
                        + " say it again",
                failure);
    }

    private static Throwable failureOf(CompletableFuture<?> failed) {
        return failed.handle((result, failure) -> failure).join();
    }

    @Override
    public void release() {
        if (candidacy == null) {
            hold.release();
        } else {
            candidacy.resign(this);
        }
    }

    @Override
    public CompletableFuture<Void> releaseAsync() {
        if (candidacy == null) {
            return hold.releaseAsync();
        }
        // The candidacy sees the end, and deletes the key when its listener was told.
        hold.end();
        return hold.whenGone();
    }

    @Override
    public String name() {
        return hold.name();
    }

    @Override
    public boolean isHeld() {
        return hold.isHeld();
    }

    @Override
    public Duration remaining() {
        return hold.remaining();
    }

    @Override
    public void ensureHeld() {
        hold.ensureHeld();
    }

    @Override
    public long fencingToken() {
        return hold.fencingToken();
    }

    @Override
    public boolean extend(Duration maxHold, Duration holdAtLeast) {
        return hold.extend(maxHold, holdAtLeast);
    }

    @Override
    public Optional<LockLoss> loss() {
        return hold.loss();
    }

    @Override
    public CompletionStage<LockLoss> lost() {
        return hold.lost();
    }

    @Override
    public String toString() {
        return "Leadership[" + name() + ", term " + fencingToken() + (isHeld() ? ", leads]" : ", ended]");
    }
}
