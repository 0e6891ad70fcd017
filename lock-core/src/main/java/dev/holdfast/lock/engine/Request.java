package dev.holdfast.lock.engine;

import dev.holdfast.lock.LocalLock;
import dev.holdfast.lock.LockEntry;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One call that asks for a lock, from the call to its outcome. */
final class Request {

    /** How a request ended. */
    sealed interface Outcome {

        record Granted(Hold hold) implements Outcome {}

        /** Others held the lock as long as the request waited. */
        record Busy() implements Outcome {}

        /** The exception is made on the caller's thread, so that its stack trace leads to the caller. */
        record Failed(Supplier<LockException> failure) implements Outcome {}
    }

    final LockTarget target;
    final String name;
    final LockOptions options;
    final boolean tryOnly;
    final long startedAt;
    final long deadline;

    /** The text of the entry as it is, that of a candidate; null: the entry says who holds it. */
    final @Nullable String value;

    final String thread = Thread.currentThread().getName();

    /** Completed once; whoever completes it has decided between grant, timeout, interrupt and close. */
    final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    /** Set by the name's mailbox when the caller gave up: the outcome once everything is cleaned up. */
    @Nullable
    Outcome ending;

    /** Set before the name's queue is told: the request may just be on its way to another. */
    volatile boolean givenUp;

    Request(
            LockTarget target,
            LockOptions options,
            boolean tryOnly,
            long startedAt,
            long deadline,
            @Nullable String value) {
        this.target = target;
        this.name = target.name();
        this.options = options;
        this.tryOnly = tryOnly;
        this.startedAt = startedAt;
        this.deadline = deadline;
        this.value = value;
    }

    /** Whether it can have the very entry of the other one: same names, same lease, same metadata, and nobody has a say of his own. */
    boolean canFollow(Request other) {
        return target.names().size() == 1
                && target.equals(other.target)
                && options.renew()
                && other.options.renew()
                && options.ttl().equals(other.options.ttl())
                && options.metadata().equals(other.options.metadata())
                && value == null
                && other.value == null;
    }

    /** As those see it who ask what the process waits for. */
    LocalLock local(long now) {
        return new LocalLock(
                target.names(),
                LockEntry.Role.WAITER,
                target.kind().told(),
                target.kind().permits(),
                thread,
                Duration.ofNanos(now - startedAt),
                Hold.NO_TOKEN,
                "");
    }

    boolean wanted() {
        return ending == null && !outcome.isDone();
    }
}
