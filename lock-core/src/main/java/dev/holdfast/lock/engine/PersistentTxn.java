package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Repeats a transaction until the store has answered it or nobody needs it any more. Only for transactions whose late copies are
 * harmless. Events run in the owner's mailbox.
 */
final class PersistentTxn {

    private final EngineContext context;
    private final Mailbox mailbox;
    private final Session session;
    private final String what;
    private final Txn txn;
    private final Consumer<TxnResult> onAnswer;
    private final Backoff backoff;
    private boolean stopped;

    PersistentTxn(
            EngineContext context,
            Mailbox mailbox,
            Session session,
            String what,
            Txn txn,
            Consumer<TxnResult> onAnswer) {
        this.context = context;
        this.mailbox = mailbox;
        this.session = session;
        this.what = what;
        this.txn = txn;
        this.onAnswer = onAnswer;
        this.backoff = new Backoff(context.random());
    }

    void start() {
        if (!stopped) {
            context.txn(txn, true, context.options().requestTimeout(), mailbox, this::answered);
        }
    }

    /** The answer is no longer needed; none will be told. */
    void stop() {
        stopped = true;
    }

    private void answered(@Nullable TxnResult result, @Nullable StoreException failure) {
        if (stopped) {
            return;
        }
        if (result != null) {
            stopped = true;
            onAnswer.accept(result);
        } else if (failure != null) {
            again(failure);
        }
    }

    private void again(StoreException failure) {
        if (failure.kind() == StoreException.Kind.CLOSED) {
            stopped = true;
            return;
        }
        if (failure.kind() == StoreException.Kind.LEASE_NOT_FOUND) {
            // The end of the session reaches the owner, who stops us.
            session.leaseGone();
            context.after(backoff.next(), mailbox, this::start);
            return;
        }
        context.trouble().unconfirmed(what, String.valueOf(failure.getMessage()));
        if (failure.kind() == StoreException.Kind.UNAUTHENTICATED) {
            context.refreshCredentials(mailbox, () -> context.after(backoff.next(), mailbox, this::start));
        } else {
            context.after(backoff.next(), mailbox, this::start);
        }
    }
}
