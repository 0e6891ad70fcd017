package dev.holdfast.lock.engine;

import dev.holdfast.lock.ReleaseMode;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats a transaction until the store has answered it or nobody needs it any more. Only for transactions whose late copies are
 * harmless. Events run in the owner's mailbox.
 */
final class PersistentTxn {

    private static final Logger log = LoggerFactory.getLogger(PersistentTxn.class);

    private final EngineContext context;
    private final Mailbox mailbox;
    private final Session session;
    private final String what;
    private final Txn txn;
    private final Consumer<TxnResult> onAnswer;
    private final Backoff backoff;
    private boolean stopped;
    private boolean logged;

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
            boolean awaited = context.options().release() == ReleaseMode.SYNC;
            context.txn(txn, true, context.options().requestTimeout(), awaited, mailbox, this::answered);
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
        if (!logged) {
            logged = true;
            log.warn("{} is not answered yet ({}); trying on until the lease ends", what, failure.getMessage());
        }
        if (failure.kind() == StoreException.Kind.CLOSED) {
            stopped = true;
        } else if (failure.kind() == StoreException.Kind.LEASE_NOT_FOUND) {
            // The end of the session reaches the owner, who stops us.
            session.leaseGone();
            context.after(backoff.next(), mailbox, this::start);
        } else if (failure.kind() == StoreException.Kind.UNAUTHENTICATED) {
            context.refreshCredentials(mailbox, () -> context.after(backoff.next(), mailbox, this::start));
        } else {
            context.after(backoff.next(), mailbox, this::start);
        }
    }
}
