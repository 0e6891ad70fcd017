package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on its way through {@link Batching}, and who waits for its answer. Answered once; what comes after that is ignored.
 * The answer arrives as an event of the owner's mailbox, which this object is itself, since there is one for every transaction.
 */
final class Operation implements Runnable {

    private final Txn txn;
    private final long deadline;
    private final long sendBy;
    private final Mailbox mailbox;
    private final BiConsumer<@Nullable TxnResult, @Nullable StoreException> event;

    // Of the batching, while it sends:
    private @Nullable Extent extent;

    // Of the batching's outcomes:
    private boolean answered;

    // Written before the mailbox gets this object:
    private @Nullable TxnResult result;
    private @Nullable StoreException failure;

    /**
     * @param now on the monotonic clock
     * @param timeout from now
     */
    Operation(
            Txn txn,
            long now,
            Duration timeout,
            Mailbox mailbox,
            BiConsumer<@Nullable TxnResult, @Nullable StoreException> event) {
        this.txn = txn;
        this.deadline = now + timeout.toNanos();
        this.sendBy = now + timeout.toNanos() / 2;
        this.mailbox = mailbox;
        this.event = event;
    }

    Txn txn() {
        return txn;
    }

    /** When its caller hears that there is no answer. */
    long deadline() {
        return deadline;
    }

    /** Half the time to its deadline: what is sent later would have too little time for its answer. */
    long sendBy() {
        return sendBy;
    }

    Extent extent(LockKeys keys) {
        Extent known = extent;
        if (known == null) {
            known = Extent.of(txn, keys);
            extent = known;
        }
        return known;
    }

    void answer(TxnResult answer) {
        if (!answered) {
            answered = true;
            result = answer;
            mailbox.execute(this);
        }
    }

    void fail(StoreException cause) {
        if (!answered) {
            answered = true;
            failure = cause;
            mailbox.execute(this);
        }
    }

    /** The event, in the owner's mailbox. */
    @Override
    public void run() {
        event.accept(result, failure);
    }
}
