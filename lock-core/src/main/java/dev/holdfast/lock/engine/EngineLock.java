package dev.holdfast.lock.engine;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener.RequestListener;
import dev.holdfast.lock.LockListener.WaitOutcome;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.engine.Request.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** A lock by name: turns calls into requests and outcomes into results. Has no state of its own. */
final class EngineLock implements LeaseLock {

    /** How long a caller whose wait has ended stays for the confirmation that nothing of it is left. */
    static final Duration GRACE = Duration.ofMillis(150);

    /** The same for a caller who was interrupted: it is wanted back soon. */
    private static final Duration GRACE_INTERRUPTED = Duration.ofMillis(50);

    static final Duration FOREVER = Duration.ofDays(365);

    private final LockEngine engine;
    private final EngineContext context;
    private final LockTarget target;
    private final LockOptions options;

    /** What its entries say, if not who holds them. */
    private final @Nullable String value;

    EngineLock(LockEngine engine, EngineContext context, LockTarget target, LockOptions options) {
        this(engine, context, target, options, null);
    }

    EngineLock(
            LockEngine engine, EngineContext context, LockTarget target, LockOptions options, @Nullable String value) {
        this.engine = engine;
        this.context = context;
        this.target = target;
        this.options = options;
        this.value = value;
    }

    @Override
    public String name() {
        return target.name();
    }

    @Override
    public LockOptions options() {
        return options;
    }

    @Override
    public LockHandle acquire() throws InterruptedException {
        long startedAt = context.time().nanoTime();
        Optional<LockHandle> handle = tryAcquire(options.waitTime());
        return handle.orElseThrow(() -> new LockNotAcquiredException(
                name(), Duration.ofNanos(context.time().nanoTime() - startedAt)));
    }

    @Override
    public Optional<LockHandle> tryAcquire() {
        Request request = submit(true, context.options().requestTimeout());
        return result(request, awaitUninterruptibly(request));
    }

    @Override
    public Optional<LockHandle> tryAcquire(Duration wait) throws InterruptedException {
        checkWait(wait);
        if (Thread.interrupted()) {
            throw new InterruptedException("Interrupted before asking for lock '" + name() + "'");
        }
        if (wait.isZero()) {
            return tryAcquire();
        }
        Request request = submit(false, wait);
        return result(request, await(request));
    }

    @Override
    public CompletableFuture<Optional<LockHandle>> tryAcquireAsync(Duration wait) {
        checkWait(wait);
        Request request = wait.isZero() ? submit(true, context.options().requestTimeout()) : submit(false, wait);
        CompletableFuture<Optional<LockHandle>> answer = new CompletableFuture<>();
        // Who sets it has the hold to deal with: the callback that delivers it, or who cancels before that, since
        // callbacks may be late.
        AtomicBoolean taken = new AtomicBoolean();
        var timer = context.time().schedule(context.until(request.deadline), () -> {
            engine.giveUp(request, NameQueue.GivenUp.TIMED_OUT);
            context.time().schedule(GRACE, () -> request.outcome.complete(afterGrace(request)));
        });
        request.outcome.whenComplete((outcome, impossible) -> {
            timer.cancel();
            if (answer.isDone()) {
                abandon(outcome, taken);
            }
            context.callbacks().run(() -> deliver(request, outcome, answer, taken));
        });
        answer.whenComplete((handle, failure) -> {
            // Cancelled, or completed from outside as orTimeout does.
            if (request.outcome.isDone()) {
                abandon(request.outcome.join(), taken);
            } else {
                engine.giveUp(request, NameQueue.GivenUp.INTERRUPTED);
            }
        });
        return answer;
    }

    private static void abandon(Outcome outcome, AtomicBoolean taken) {
        if (outcome instanceof Outcome.Granted granted && taken.compareAndSet(false, true)) {
            granted.hold().abandon();
        }
    }

    EngineContext context() {
        return context;
    }

    LockTarget target() {
        return target;
    }

    @Override
    public Lock asLock() {
        return new ThreadOwnedLock(engine.threadHolds(), this);
    }

    /** Waits without limit and without regard to interrupts; the flag is restored. */
    LockHandle acquireUninterruptibly() {
        Request request = submit(false, FOREVER);
        return result(request, awaitUninterruptibly(request))
                .orElseThrow(() -> new LockNotAcquiredException(name(), FOREVER));
    }

    LockHandle acquireInterruptibly() throws InterruptedException {
        return tryAcquire(FOREVER).orElseThrow(() -> new LockNotAcquiredException(name(), FOREVER));
    }

    Request submit(boolean tryOnly, Duration wait) {
        engine.ensureAccepting(name());
        List<RequestListener> followers = value == null ? context.callbacks().follow(name(), options) : List.of();
        long now = context.time().nanoTime();
        Request request =
                new Request(target, options, tryOnly, now, now + capped(wait).toNanos(), value, followers);
        engine.waiting(1);
        context.callbacks().tellHere(listener -> listener.waiting(name(), options));
        request.outcome.whenComplete((outcome, impossible) -> engine.waiting(-1));
        engine.submit(request);
        return request;
    }

    private Outcome await(Request request) throws InterruptedException {
        try {
            if (context.time().await(request.outcome, context.until(request.deadline))) {
                return request.outcome.join();
            }
        } catch (InterruptedException interrupt) {
            engine.giveUp(request, NameQueue.GivenUp.INTERRUPTED);
            Outcome outcome = settle(request, GRACE_INTERRUPTED);
            if (outcome instanceof Outcome.Granted granted) {
                // Granted in the same moment: nobody will get to know of this hold.
                granted.hold().abandon();
            }
            tellNotAcquired(request, WaitOutcome.INTERRUPTED, interrupt);
            throw interrupt;
        }
        engine.giveUp(request, NameQueue.GivenUp.TIMED_OUT);
        return settle(request, GRACE);
    }

    private Outcome awaitUninterruptibly(Request request) {
        if (Uninterruptible.await(context.time(), request.outcome, context.until(request.deadline))) {
            return request.outcome.join();
        }
        engine.giveUp(request, NameQueue.GivenUp.TIMED_OUT);
        return settle(request, GRACE);
    }

    /** The outcome of a request that was given up, at the latest after the grace; then the clean-up goes on without the caller. */
    private Outcome settle(Request request, Duration grace) {
        boolean settled;
        long until = context.time().nanoTime() + grace.toNanos();
        try {
            settled = context.time().await(request.outcome, grace);
        } catch (InterruptedException interrupt) {
            // Wanted back even sooner now.
            Thread.currentThread().interrupt();
            Duration left = context.until(until);
            settled = Uninterruptible.await(
                    context.time(), request.outcome, left.compareTo(GRACE_INTERRUPTED) < 0 ? left : GRACE_INTERRUPTED);
        }
        if (!settled) {
            request.outcome.complete(afterGrace(request));
        }
        return request.outcome.join();
    }

    private Outcome afterGrace(Request request) {
        Outcome ending = request.ending;
        return ending != null
                ? ending
                : new Outcome.Failed(() -> new LockUnavailableException(
                        name(),
                        "Lock '" + name()
                                + "' could not be acquired: etcd did not answer in time; nothing is held. Check that etcd is up"
                                + " and reachable, then try again",
                        null));
    }

    private void deliver(
            Request request, Outcome outcome, CompletableFuture<Optional<LockHandle>> answer, AtomicBoolean taken) {
        if (answer.isDone() || !taken.compareAndSet(false, true)) {
            abandon(outcome, taken);
            tellNotAcquired(request, WaitOutcome.INTERRUPTED, null);
            return;
        }
        try {
            Optional<LockHandle> handle = result(request, outcome);
            if (!answer.complete(handle)) {
                // Cancelled in the same moment.
                handle.ifPresent(unseen -> ((Hold) unseen).takeBack());
            }
        } catch (LockException failure) {
            answer.completeExceptionally(failure);
        }
    }

    Optional<LockHandle> result(Request request, Outcome outcome) {
        if (outcome instanceof Outcome.Granted granted) {
            Callbacks.tell(request.followers, follower -> follower.acquired(granted.hold()));
            granted.hold().announce();
            return Optional.of(granted.hold());
        }
        if (outcome instanceof Outcome.Failed failed) {
            LockException failure = failed.failure().get();
            tellNotAcquired(request, outcomeOf(failure), failure);
            throw failure;
        }
        tellNotAcquired(request, WaitOutcome.BUSY, null);
        return Optional.empty();
    }

    private static WaitOutcome outcomeOf(LockException failure) {
        if (failure instanceof LockUnavailableException) {
            return WaitOutcome.UNAVAILABLE;
        }
        return failure instanceof LockLostException ? WaitOutcome.LOST : WaitOutcome.ERROR;
    }

    void tellNotAcquired(Request request, WaitOutcome outcome, @Nullable Throwable failure) {
        Callbacks.tell(request.followers, follower -> follower.notAcquired(outcome, failure));
        if (context.callbacks().hasListeners()) {
            Duration waited = Duration.ofNanos(context.time().nanoTime() - request.startedAt);
            context.callbacks().tellHere(listener -> listener.notAcquired(name(), options, outcome, waited));
        }
    }

    private void checkWait(Duration wait) {
        if (wait.isNegative()) {
            throw new IllegalArgumentException(
                    "wait is " + wait + " for lock '" + name() + "'; give zero (do not wait) or more");
        }
    }

    /** In nanoseconds it can be added to a time. */
    static Duration capped(Duration wait) {
        return wait.compareTo(FOREVER) > 0 ? FOREVER : wait;
    }

    @Override
    public String toString() {
        return "LeaseLock[" + name() + "]";
    }
}
