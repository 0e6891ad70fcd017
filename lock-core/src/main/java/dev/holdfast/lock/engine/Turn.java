package dev.holdfast.lock.engine;

import dev.holdfast.lock.HandOver;

/**
 * The time for which an entry holds its name, and how long it may still be passed on inside this process. While others may wait, a
 * count and a time bound that. While nobody else waits only the time since that was known counts; it is asked again about when half of
 * that has passed, beside the passing on. Events run in the name's mailbox.
 */
final class Turn {

    private final EngineContext context;
    private final Mailbox mailbox;
    private final HandOver bounds;
    private final long since;

    private int passed;
    private boolean othersWait;

    /** When it was asked about, the last time that nobody else waited. */
    private long aloneAt;

    private boolean looking;

    /**
     * A turn that begins now.
     *
     * @param aloneAt when the request was sent whose answer showed nobody else
     */
    static Turn alone(EngineContext context, Mailbox mailbox, long aloneAt) {
        return new Turn(context, mailbox, false, aloneAt);
    }

    /** A turn that begins now, after others; they may wait for it again. */
    static Turn amongOthers(EngineContext context, Mailbox mailbox) {
        return new Turn(context, mailbox, true, 0);
    }

    private Turn(EngineContext context, Mailbox mailbox, boolean othersWait, long aloneAt) {
        this.context = context;
        this.mailbox = mailbox;
        this.bounds = context.options().handOver();
        this.since = context.time().nanoTime();
        this.othersWait = othersWait;
        this.aloneAt = aloneAt;
    }

    /** Whether it is this process's turn still. */
    boolean goesOn() {
        return othersWait ? passed < bounds.maxCount() && within(since, 1) : within(aloneAt, 1);
    }

    /** The lock was passed on. {@code onMissing}: runs if our own entry was not found. */
    void passedOn(QueueEntry.Place here, long token, Runnable onMissing) {
        passed++;
        if (othersWait || looking || within(aloneAt, 2)) {
            return;
        }
        looking = true;
        long askedAt = context.time().nanoTime();
        Protocol protocol = here.protocol();
        context.txn(protocol.lookAround(), false, context.options().requestTimeout(), mailbox, (result, failure) -> {
            looking = false;
            // Without an answer the time runs out.
            if (result != null && protocol.own(result, token).isEmpty()) {
                onMissing.run();
            } else if (result != null && protocol.alone(result)) {
                aloneAt = askedAt;
            } else if (result != null) {
                othersWait = true;
            }
        });
    }

    /** Whether less than that part of the time has passed since then. */
    private boolean within(long then, int part) {
        return context.time().nanoTime() - then < bounds.maxTime().toNanos() / part;
    }
}
