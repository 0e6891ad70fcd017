package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.TxnResult;

/**
 * Makes an acquire with unknown outcome harmless: deletes the entry it may have put and moves the guard, which every acquire compares,
 * so that a copy still under way can put nothing later. The guard is moved only from where it was known: a copy of the
 * reconciliation itself that arrives late finds it moved and deletes nothing.
 */
final class Reconciliation {

    private final EngineContext context;
    private final Mailbox mailbox;
    private final Session session;
    private final Protocol protocol;
    private final Runnable onDone;
    private PersistentTxn txn;
    private boolean stopped;

    Reconciliation(EngineContext context, Mailbox mailbox, Session session, Protocol protocol, Runnable onDone) {
        this.context = context;
        this.mailbox = mailbox;
        this.session = session;
        this.protocol = protocol;
        this.onDone = onDone;
        this.txn = newTxn();
    }

    void start() {
        txn.start();
    }

    /** The session has ended, and with its lease every copy of the acquire. */
    void stop() {
        stopped = true;
        txn.stop();
    }

    private PersistentTxn newTxn() {
        long guard = session.guardRevision(protocol.guard());
        return new PersistentTxn(
                context,
                mailbox,
                session,
                "cleaning up after a request for lock '" + String.join(", ", protocol.names()) + "' without an answer",
                protocol.reconcile(guard),
                result -> answered(guard, result));
    }

    private void answered(long guard, TxnResult result) {
        long now = result.succeeded() ? result.revision() : Protocol.guardRevision(result);
        session.guardRevision(protocol.guard(), now);
        if (now > guard) {
            onDone.run();
        } else if (!stopped) {
            // Somebody deleted the guard: nothing was reconciled yet.
            txn = newTxn();
            txn.start();
        }
    }
}
