package dev.holdfast.lock.engine;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes an entry that an audit found in the store and nobody here knows of; keeps the name closed meanwhile. */
final class OrphanRemoval {

    private static final Logger log = LoggerFactory.getLogger(OrphanRemoval.class);

    private final EngineContext context;
    private final NameQueue queue;
    private final Mailbox mailbox;
    private final Session session;
    private final String name;
    private final Reconciliation reconciliation;
    private boolean done;

    OrphanRemoval(EngineContext context, NameQueue queue, Mailbox mailbox, Session.Orphan orphan) {
        this.context = context;
        this.queue = queue;
        this.mailbox = mailbox;
        this.session = orphan.session();
        this.name = orphan.name();
        Protocol protocol =
                Protocol.ofTail(context.keys(), Kind.EXCLUSIVE, List.of(name), session.leaseId(), orphan.tail());
        this.reconciliation = new Reconciliation(context, mailbox, session, protocol, this::finish);
    }

    void start() {
        log.info(
                "Removing an entry of lock '{}' in etcd that an earlier request of this process left behind when its answer was lost",
                name);
        reconciliation.start();
        checkSession();
    }

    /** The session does not know of this removal; its end makes it pointless. */
    private void checkSession() {
        if (done) {
            return;
        }
        if (session.ended()) {
            reconciliation.stop();
            finish();
        } else {
            context.after(session.timing().renewEvery(), mailbox, this::checkSession);
        }
    }

    private void finish() {
        if (!done) {
            done = true;
            queue.orphanRemoved();
        }
    }
}
