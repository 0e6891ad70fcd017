package dev.holdfast.lock.engine;

import dev.holdfast.lock.HandOver;

/**
 * The time for which an entry holds its name, and how long it may still be passed on inside this process. While others may wait, a
 * count and a time bound that. While nobody else waits only the time since that was known counts; it is asked again when half of that
 * has passed, beside the passing on. Events run in the name's mailbox.
 */
final class Turn {

    /** So many times the bound an answer is waited for: giving the key back would take a slow etcd as long. */
    private static final int PATIENCE = 5;

    private final EngineContext context;
    private final Mailbox mailbox;
    private final HandOver bounds;
    private final long since;

    private int passed;
    private boolean othersWait;

    /** When an answer last said that nobody else waits. */
    private long aloneAt;

    private boolean looking;

    /**
     * @param since when the entry was granted
     * @param othersWait whether others had the name before, who may wait for it again; otherwise nobody else was there
     */
    Turn(EngineContext context, Mailbox mailbox, long since, boolean othersWait) {
        this.context = context;
        this.mailbox = mailbox;
        this.bounds = context.options().handOver();
        this.since = since;
        this.othersWait = othersWait;
        this.aloneAt = since;
    }

    /** Whether it is this process's turn still. */
    boolean goesOn() {
        if (othersWait) {
            return passed < bounds.maxCount() && within(since, bounds.maxTime().toNanos());
        }
        return within(aloneAt, looking ? patience() : bounds.maxTime().toNanos());
    }

    /** The lock was passed on. {@code onMissing}: runs if our own entry was not found. */
    void passedOn(QueueEntry.Place here, long token, Runnable onMissing) {
        passed++;
        if (othersWait || looking || within(aloneAt, bounds.maxTime().toNanos() / 2)) {
            return;
        }
        looking = true;
        long askedAt = context.time().nanoTime();
        Protocol protocol = here.protocol();
        context.txn(protocol.lookAround(), false, context.options().requestTimeout(), mailbox, (result, failure) -> {
            looking = false;
            // Without an answer, or with one that says what was long ago, the time runs out.
            if (result != null && protocol.own(result, token).isEmpty()) {
                onMissing.run();
            } else if (result != null && !protocol.alone(result)) {
                othersWait = true;
            } else if (result != null && within(askedAt, patience())) {
                aloneAt = context.time().nanoTime();
            }
        });
    }

    private long patience() {
        return bounds.maxTime().toNanos() * PATIENCE;
    }

    private boolean within(long then, long nanos) {
        return context.time().nanoTime() - then < nanos;
    }
}
