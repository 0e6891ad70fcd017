package dev.holdfast.lock.cli;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A command that runs under a lock, from its start to its end. */
final class GuardedRun {

    /** Between two looks at the clock: a machine that slept is noticed by looking only. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /** Between two looks whether a hold was renewed. */
    private static final Duration RENEWAL_LOOK = Duration.ofMillis(20);

    /** For how long a hold may be in doubt, after the clock jumped, until the next renewal confirms it. */
    private static final Duration DOUBT = Duration.ofSeconds(1);

    private final LockHandle handle;
    private final Child child;
    private final GracePeriod grace;
    private final RunCommand.OnLost onLost;
    private final Signals signals;

    GuardedRun(LockHandle handle, Child child, GracePeriod grace, RunCommand.OnLost onLost, Signals signals) {
        this.handle = handle;
        this.child = child;
        this.grace = grace;
        this.onLost = onLost;
        this.signals = signals;
    }

    /**
     * Returns when the hold lasts long enough to tell a command to end and to wait for the grace period. One that was granted after an outage
     * may not, until it is renewed.
     *
     * @throws LockLostException if it is lost before
     */
    static void awaitTime(LockHandle handle, GracePeriod grace, Signals signals)
            throws Signalled, InterruptedException {
        while (true) {
            signals.check();
            handle.ensureHeld();
            Duration untilStop = grace.untilStop(handle.remaining());
            if (!untilStop.isNegative() && !untilStop.isZero()) {
                return;
            }
            TimeUnit.NANOSECONDS.sleep(RENEWAL_LOOK.toNanos());
        }
    }

    /** Returns the exit code. If anything goes wrong here, the command is ended as by a loss, since nobody would do that later. */
    int untilTheEnd() throws InterruptedException {
        try {
            return exitCode();
        } catch (RuntimeException | Error broken) {
            if (onLost == RunCommand.OnLost.kill) {
                child.stop(grace.length());
            }
            throw broken;
        }
    }

    private int exitCode() throws InterruptedException {
        signals.passTo(child::signal);
        CompletableFuture<Integer> exit = child.exit();
        if (onLost == RunCommand.OnLost.ignore) {
            handle.lost().thenAccept(loss -> Messages.warn(text(loss) + "; the command goes on (--on-lost ignore)"));
            return exit.join();
        }
        Optional<String> reason = untilExitOrDanger(exit);
        if (reason.isEmpty()) {
            // It may have gone unnoticed until here.
            Optional<LockLoss> late = handle.loss();
            late.ifPresent(loss -> Messages.warn(text(loss) + ", before the command had ended"));
            return late.isPresent() ? ExitCode.LOST : exit.join();
        }
        // Beside us, since whoever should read it may have stopped reading.
        CompletableFuture<Boolean> told = Background.call("warning", () -> {
            Messages.warn(reason.get() + "; ending the command");
            return true;
        });
        child.stop(grace.length());
        told.completeOnTimeout(false, 1, TimeUnit.SECONDS).join();
        return ExitCode.LOST;
    }

    /** Why the command must be told to end; empty if it ended before. */
    private Optional<String> untilExitOrDanger(CompletableFuture<Integer> exit) throws InterruptedException {
        CompletableFuture<LockLoss> lost = handle.lost().toCompletableFuture();
        CompletableFuture<Object> either = CompletableFuture.anyOf(exit, lost);
        long inDoubtSince = System.nanoTime();
        while (true) {
            boolean held = handle.isHeld();
            Duration untilStop = grace.untilStop(handle.remaining());
            if (held) {
                inDoubtSince = System.nanoTime();
            }
            if (exit.isDone()) {
                return Optional.empty();
            }
            Optional<LockLoss> loss = handle.loss();
            if (loss.isPresent()) {
                return loss.map(GuardedRun::text);
            }
            if (held && (untilStop.isNegative() || untilStop.isZero())) {
                return Optional.of("lock '" + handle.name() + "' is about to be lost, since etcd does not answer");
            }
            if (!held && System.nanoTime() - inDoubtSince > DOUBT.toNanos()) {
                return Optional.of(
                        "lock '" + handle.name() + "' may be lost: the clock jumped, and etcd does not confirm it");
            }
            Duration next = !held ? DOUBT.dividedBy(10) : untilStop.compareTo(LOOK) < 0 ? untilStop : LOOK;
            try {
                either.get(next.toNanos() + 1, TimeUnit.NANOSECONDS);
            } catch (TimeoutException look) {
                // that is what the loop is for
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    private static String text(LockLoss loss) {
        return "lock '" + loss.name() + "' is lost: " + loss.detail();
    }
}
