package dev.holdfast.lock.spring;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One asynchronous run of a locked method: asks for the lock, runs the method when it is held, and gives all of it back once, whoever
 * ends it and whenever. Thread-safe; calls others only outside its monitor.
 */
final class Attempt {

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    private final AsyncCall call;

    /** The locked method around the call, whose holds are entered again. */
    private final @Nullable Frame enclosing;

    private final CompletableFuture<LockLoss> lost = new CompletableFuture<>();
    private final Consumer<LockLoss> lossListener = lost::complete;

    private boolean over;
    private @Nullable Request request;
    private @Nullable LockedCall running;
    private List<Hold> holds = List.of();

    Attempt(AsyncCall call, @Nullable Frame enclosing) {
        this.call = call;
        this.enclosing = enclosing == null ? null : enclosing.elsewhere();
    }

    /**
     * Asks for the lock without waiting for it. Completes with whether it is held now; false if it stayed busy.
     *
     * @throws RuntimeException if the registry cannot be had, or the key has no value
     */
    CompletableFuture<Boolean> request() {
        Request asked = ask();
        boolean wanted;
        synchronized (this) {
            wanted = !over;
            if (wanted) {
                request = asked;
            }
        }
        if (!wanted) {
            // Ended while we asked.
            asked.withdraw();
        }
        return asked.grant().thenApply(this::enter);
    }

    private Request ask() {
        LockedMethod method = call.method();
        LockRegistry registry = call.registry();
        // Before anything is taken: it may fail.
        Duration releaseWait = call.releaseWait().get();
        List<String> names = method.names(call.root());
        Reentry reentry = Reentry.enter(registry, names, method.kind(), enclosing);
        if (reentry.isComplete()) {
            return new Request(
                    registry, releaseWait, reentry, null, CompletableFuture.completedFuture(Optional.empty()));
        }
        try {
            call.transactions()
                    .beforeTaking(
                            reentry.missing(), method.method(), call.root().target());
            LeaseLock lock = method.lock(registry, reentry.missing());
            return new Request(
                    registry,
                    releaseWait,
                    reentry,
                    lock,
                    lock.tryAcquireAsync(lock.options().waitTime()));
        } catch (RuntimeException | Error refused) {
            reentry.leaveAsync();
            throw refused;
        }
    }

    private synchronized boolean enter(Optional<LockHandle> handle) {
        if (over) {
            return false;
        }
        Request asked = Objects.requireNonNull(request);
        Reentry reentry = asked.reentry();
        if (handle.isEmpty() && !reentry.isComplete()) {
            return false;
        }
        LockedMethod method = call.method();
        Hold taken = handle.map(granted -> new Hold(asked.registry(), reentry.missing(), method.kind(), granted))
                .orElse(null);
        holds = reentry.with(taken);
        running = new LockedCall(holds, method.onLost(), enclosing);
        return true;
    }

    /**
     * Runs the method up to its return, on this thread. Until then the lock stays held, even if the attempt ends.
     *
     * @throws CancellationException if the attempt is over
     */
    Object run() throws Throwable {
        LockedCall running;
        List<Hold> wanted;
        synchronized (this) {
            if (over || this.running == null || request == null) {
                throw new CancellationException("Cancelled before the method was called");
            }
            running = this.running;
            // A grant may have waited for a thread of the callback executor until it was lost.
            wanted = onLost() == OnLost.NOTIFY ? request.reentry().held() : holds;
            // Cannot fail: we have entered them and are not over.
            holds.forEach(Hold::enter);
        }
        try {
            running.proceed(call::proceed, wanted);
        } finally {
            holds.forEach(Hold::releaseAsync);
        }
        return call.returned(running.returned());
    }

    /** Completes when a lock of the run is lost; never if the run ends before. */
    CompletableFuture<LockLoss> lost() {
        List<Hold> held = holds();
        held.forEach(hold -> hold.onLoss(lossListener));
        if (isOver()) {
            // Ended meanwhile, and looked for it too early.
            held.forEach(hold -> hold.forget(lossListener));
        }
        return lost;
    }

    /** Ends the attempt, unless the method runs. */
    void withdraw() {
        end(true);
    }

    /**
     * Gives back what the attempt has, or asks for. The first call's future completes when that is confirmed, at the latest after the
     * time a release waits.
     */
    CompletableFuture<Void> end() {
        return end(false);
    }

    private CompletableFuture<Void> end(boolean onlyIfWaiting) {
        Request asked;
        List<Hold> held;
        synchronized (this) {
            if (over || onlyIfWaiting && running != null) {
                return DONE;
            }
            over = true;
            asked = request;
            held = holds;
        }
        if (asked == null) {
            return DONE;
        }
        if (running() != null) {
            return confirmed(held, asked.releaseWait());
        }
        asked.withdraw();
        return DONE;
    }

    private CompletableFuture<Void> confirmed(List<Hold> held, Duration wait) {
        held.forEach(hold -> hold.forget(lossListener));
        CompletableFuture<?>[] releases = held.stream().map(Hold::releaseAsync).toArray(CompletableFuture<?>[]::new);
        boolean lost = held.stream().anyMatch(hold -> hold.handle().loss().isPresent());
        CompletableFuture<Void> all = CompletableFuture.allOf(releases);
        if (wait.isZero() || lost || all.isDone()) {
            return DONE;
        }
        return all.thenApply(nothing -> true)
                .completeOnTimeout(false, wait.toNanos(), TimeUnit.NANOSECONDS)
                // What depends on it is users' code, which must not run on the timer's thread.
                .thenCompose(inTime -> inTime ? DONE : CompletableFuture.runAsync(() -> {}));
    }

    /** What the caller is told of a run that ended with {@code failure}; null: of its result. Asked after the end. */
    @Nullable
    Throwable told(@Nullable Throwable failure) {
        LockedCall run = running();
        return run == null ? failure : run.told(failure);
    }

    /** The frame of the run, for the calls inside it. */
    Frame frame() {
        return Objects.requireNonNull(running()).frame();
    }

    OnLost onLost() {
        return call.method().onLost();
    }

    boolean skipsWhenBusy() {
        return call.method().skipsWhenBusy();
    }

    /** The value of a call that did not run because the lock was busy. */
    @Nullable
    Object skipped() {
        return call.method().skipped();
    }

    /** Why a call did not run whose lock stayed busy. */
    LockNotAcquiredException busy() {
        LeaseLock lock = lock();
        return new LockNotAcquiredException(lock.name(), lock.options().waitTime());
    }

    /** As {@link AsyncCall#fallBack}. */
    Object fallBack(Throwable failure) throws Throwable {
        return call.fallBack(failure);
    }

    private synchronized boolean isOver() {
        return over;
    }

    private synchronized List<Hold> holds() {
        return holds;
    }

    private synchronized @Nullable LockedCall running() {
        return running;
    }

    /** The one that was asked for. */
    private synchronized LeaseLock lock() {
        return Objects.requireNonNull(Objects.requireNonNull(request).lock());
    }

    /**
     * The question whether the lock can be had.
     *
     * @param reentry what is entered again for it, and stays so until the end
     * @param lock null if nothing is missing
     */
    private record Request(
            LockRegistry registry,
            Duration releaseWait,
            Reentry reentry,
            @Nullable LeaseLock lock,
            CompletableFuture<Optional<LockHandle>> grant) {

        /** Takes it back before the method has run; a grant that came first is released. */
        void withdraw() {
            if (!grant.cancel(true) && !grant.isCompletedExceptionally()) {
                grant.join().ifPresent(LockHandle::releaseAsync);
            }
            reentry.leaveAsync();
        }
    }
}
