package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.TxnResult;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Draws the fencing token of a hold that was passed on: writes its entry anew, whose revision is greater than all tokens before. Only
 * over what was written last, so that a request that comes late, when the next holder has drawn, gives nobody a token. Events run
 * in the name's mailbox.
 */
final class TokenDraw {

    /** The entry whose token it is. */
    interface Owner {

        /** Whether the hold is still the entry's, so that nobody may have drawn after it. */
        boolean current();

        long writtenAt();

        void writtenAt(long revision);

        String value();

        /** The entry is not in the store any more, or not ours. */
        void missing();

        /** Its lease has ended. */
        void leaseGone();
    }

    private final EngineContext context;
    private final Mailbox mailbox;
    private final QueueEntry.Place here;
    private final long createdAt;
    private final Owner owner;
    private final long deadline;
    private final Backoff backoff;

    /** 0: the hold has ended. */
    private final CompletableFuture<Long> token;

    TokenDraw(
            EngineContext context,
            Mailbox mailbox,
            QueueEntry.Place here,
            long createdAt,
            CompletableFuture<Long> token,
            Owner owner) {
        this.context = context;
        this.mailbox = mailbox;
        this.here = here;
        this.createdAt = createdAt;
        this.token = token;
        this.owner = owner;
        this.deadline = context.time().nanoTime() + longest(context).toNanos();
        this.backoff = new Backoff(context.random());
    }

    /** How long a caller waits at most: for more than one attempt, since the member asked first may be frozen. */
    static Duration longest(EngineContext context) {
        return context.options().requestTimeout().multipliedBy(2);
    }

    void start() {
        if (!owner.current()) {
            token.complete(0L);
            return;
        }
        long attemptEnds =
                context.time().nanoTime() + context.options().requestTimeout().toNanos() / 2;
        context.txnForCaller(
                here.protocol().rewrite(owner.writtenAt(), owner.value()),
                true,
                attemptEnds - deadline < 0 ? attemptEnds : deadline,
                mailbox,
                this::answered);
    }

    private void answered(@Nullable TxnResult result, @Nullable StoreException failure) {
        if (result != null && result.succeeded()) {
            owner.writtenAt(result.revision());
            token.complete(result.revision());
        } else if (result != null) {
            refused(result);
        } else if (failure != null) {
            failed(failure);
        }
    }

    private void refused(TxnResult result) {
        long writtenAt = here.protocol().writtenAt(result, createdAt);
        if (!owner.current()) {
            token.complete(0L);
        } else if (writtenAt == 0) {
            owner.missing();
            token.complete(0L);
        } else {
            // An earlier request whose answer was lost.
            owner.writtenAt(writtenAt);
            start();
        }
    }

    private void failed(StoreException failure) {
        if (failure.kind() == StoreException.Kind.LEASE_NOT_FOUND) {
            owner.leaseGone();
            token.complete(0L);
        } else if (context.passed(deadline)
                || failure.kind() == StoreException.Kind.CLOSED
                || failure.kind() == StoreException.Kind.PERMISSION_DENIED
                || failure.kind() == StoreException.Kind.INVALID) {
            token.completeExceptionally(failure);
        } else {
            context.after(backoff.next(), mailbox, this::start);
        }
    }
}
