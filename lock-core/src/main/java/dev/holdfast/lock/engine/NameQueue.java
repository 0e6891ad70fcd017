package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockUnavailableException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests of this process for one name, first come first served. At most one of them has an entry in the store at a time: two
 * entries of one session on one name would both look like holders. An entry that is in doubt or still being removed keeps the name
 * closed. Events run in the mailbox; a queue without work retires and is replaced by a new one when needed.
 */
final class NameQueue {

    /** Why a caller gave up. */
    enum GivenUp {
        TIMED_OUT,
        INTERRUPTED
    }

    private final LockEngine engine;
    private final EngineContext context;
    private final Sessions sessions;
    private final String name;
    private final Mailbox mailbox = new Mailbox();
    private final Deque<Request> waiting = new ArrayDeque<>();
    private @Nullable QueueEntry current;
    private @Nullable OrphanRemoval orphanRemoval;
    private boolean retired;

    NameQueue(LockEngine engine, EngineContext context, Sessions sessions, String name) {
        this.engine = engine;
        this.context = context;
        this.sessions = sessions;
        this.name = name;
    }

    void submit(Request request) {
        mailbox.execute(() -> {
            if (retired) {
                engine.submit(request);
            } else {
                accept(request);
            }
        });
    }

    /** The caller no longer waits; its outcome comes when nothing of the request is left. */
    void giveUp(Request request, GivenUp why) {
        mailbox.execute(() -> {
            if (retired) {
                // The request went on to the queue that replaced this one.
                engine.giveUp(request, why);
                return;
            }
            // Even if the caller has its outcome by now: this may come later than the grace.
            QueueEntry entry = current;
            if (entry != null && entry.serves(request)) {
                entry.giveUp(why);
            } else if (waiting.remove(request)) {
                request.outcome.complete(
                        orphanRemoval != null || (entry != null && (entry.leaving() || entry.inTrouble()))
                                ? new Request.Outcome.Failed(unavailable(
                                        "an earlier request of this process for it has no answer yet", null))
                                : new Request.Outcome.Busy());
                retireIfIdle();
            }
        });
    }

    void orphan(Session session) {
        mailbox.execute(() -> {
            QueueEntry entry = current;
            // Not while an entry of the same session may be on its way: the removal could take that one.
            // One of another session may even be waiting for the orphan to go.
            boolean apart = entry == null || entry.placedApartFrom(session);
            if (!retired && apart && orphanRemoval == null && !session.ended()) {
                OrphanRemoval removal = new OrphanRemoval(context, this, mailbox, session, name);
                orphanRemoval = removal;
                removal.start();
            } else {
                retireIfIdle();
            }
        });
    }

    void close() {
        mailbox.execute(() -> {
            // The waiting ones first: an entry that ends calls the next.
            for (Request request = waiting.poll(); request != null; request = waiting.poll()) {
                request.outcome.complete(new Request.Outcome.Failed(closed(name)));
            }
            QueueEntry entry = current;
            if (entry != null) {
                entry.close();
            }
            retireIfIdle();
        });
    }

    Mailbox mailbox() {
        return mailbox;
    }

    /** Of the mailbox: an entry is gone for good. */
    void entryDone(QueueEntry entry) {
        if (current == entry) {
            current = null;
            next();
        }
    }

    /** Of the mailbox. */
    void orphanRemoved() {
        orphanRemoval = null;
        next();
    }

    private void accept(Request request) {
        if (engine.closed()) {
            request.outcome.complete(new Request.Outcome.Failed(closed(name)));
            retireIfIdle();
            return;
        }
        if (request.givenUp) {
            // The caller left while the request was between a queue that retired and this one.
            request.outcome.complete(new Request.Outcome.Busy());
            retireIfIdle();
            return;
        }
        QueueEntry entry = current;
        if (request.tryOnly && (!waiting.isEmpty() || (entry != null && !entry.leaving()))) {
            request.outcome.complete(new Request.Outcome.Busy());
            return;
        }
        waiting.add(request);
        next();
    }

    private void next() {
        while (current == null && orphanRemoval == null) {
            Request request = waiting.poll();
            if (request == null) {
                break;
            }
            if (request.wanted()) {
                QueueEntry entry = new QueueEntry(context, this, sessions, request);
                current = entry;
                entry.start();
            }
        }
        retireIfIdle();
    }

    private void retireIfIdle() {
        if (!retired && current == null && orphanRemoval == null && waiting.isEmpty()) {
            retired = true;
            engine.retire(name, this);
        }
    }

    Supplier<LockException> unavailable(String what, @Nullable Throwable cause) {
        return () -> new LockUnavailableException(
                name,
                "Lock '" + name + "' could not be acquired: " + what
                        + "; nothing is held. Check that etcd is up and reachable, then try again",
                cause);
    }

    static Supplier<LockException> closed(String name) {
        return () -> new LockUnavailableException(
                name, "Lock '" + name + "' could not be acquired: the registry was closed; nothing is held", null);
    }
}
