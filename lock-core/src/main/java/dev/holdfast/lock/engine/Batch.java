package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request to the store, of one transaction or of several that do not touch each other. The store decides the conditions of all of
 * them before it executes any, and writes at one revision; as they have no key in common, each gets the answer it would get alone.
 */
final class Batch {

    private final List<Operation> members;
    private final long sentAt;
    private final long deadline;
    private final long firstDeadline;
    private final @Nullable Trial trial;

    // Of the batching:
    private boolean counted;

    // Written before the batching gets it back:
    private @Nullable TxnResult result;
    private @Nullable StoreException failure;

    /** @param trial of which request its only member was a part, that was refused; null: of none */
    Batch(List<Operation> members, long now, @Nullable Trial trial) {
        this.members = members;
        this.sentAt = now;
        this.trial = trial;
        this.counted = trial == null;
        long first = members.get(0).deadline();
        long last = first;
        for (int i = 1; i < members.size(); i++) {
            long next = members.get(i).deadline();
            first = next - first < 0 ? next : first;
            last = next - last > 0 ? next : last;
        }
        this.firstDeadline = first;
        this.deadline = last;
    }

    /** What becomes of the members of a batch that was refused, one by one. */
    static final class Trial {

        private final int operations;
        private int left;
        private boolean blamed;

        /**
         * @param operations of the batch, as the store counts them
         * @param blamed whether its size is not the cause for certain
         */
        Trial(int members, int operations, boolean blamed) {
            this.left = members;
            this.operations = operations;
            this.blamed = blamed;
        }

        int operations() {
            return operations;
        }

        /** One has ended; true if it was the last, and all were executed: then it was their number that was refused. */
        boolean clearedBy(boolean executed) {
            blamed |= !executed;
            left--;
            return left == 0 && !blamed;
        }
    }

    /** One alone goes as it is. */
    Txn txn() {
        if (members.size() == 1) {
            return members.get(0).txn();
        }
        List<Op> nested = new ArrayList<>(members.size());
        for (Operation member : members) {
            nested.add(new Op.Nested(member.txn()));
        }
        return new Txn(List.of(), nested, List.of());
    }

    List<Operation> members() {
        return members;
    }

    int size() {
        return members.size();
    }

    long sentAt() {
        return sentAt;
    }

    /** The latest of its members'. */
    long deadline() {
        return deadline;
    }

    /** Whether there are members whose deadlines come before that of the request; the first of them. */
    boolean hasEarlierDeadlines() {
        return firstDeadline != deadline;
    }

    long firstDeadline() {
        return firstDeadline;
    }

    /** Time to the next of its members' deadlines that comes before that of the request; {@link Long#MAX_VALUE}: there is none. */
    long untilNextDeadline(long now) {
        if (now - firstDeadline < 0) {
            return firstDeadline - now;
        }
        long next = Long.MAX_VALUE;
        for (Operation member : members) {
            long left = member.deadline() - now;
            if (left > 0 && member.deadline() != deadline) {
                next = Math.min(next, left);
            }
        }
        return next;
    }

    @Nullable
    Trial trial() {
        return trial;
    }

    /** Whether others wait for its answer before they are sent. */
    boolean counted() {
        return counted;
    }

    void countNoMore() {
        counted = false;
    }

    void ended(@Nullable TxnResult answer, @Nullable StoreException cause) {
        result = answer;
        failure = cause;
    }

    @Nullable
    StoreException failure() {
        return failure;
    }

    /** To each its own answer, as if it had been sent alone. */
    void deal() {
        TxnResult answer = result;
        if (answer == null) {
            return;
        }
        if (members.size() == 1) {
            members.get(0).answer(answer);
            return;
        }
        for (int i = 0; i < members.size(); i++) {
            TxnResult own;
            try {
                own = answerTo(answer, i);
            } catch (RuntimeException unreadable) {
                // It was executed, and nobody knows how.
                members.get(i).fail(StoreException.of(unreadable));
                continue;
            }
            members.get(i).answer(own);
        }
    }

    private static TxnResult answerTo(TxnResult whole, int member) {
        OpResult own = whole.results().get(member);
        if (own instanceof TxnResult nested) {
            return new TxnResult(nested.succeeded(), nested.revision(), whole.clusterId(), nested.results());
        }
        throw new IllegalStateException("A nested transaction was answered with " + own);
    }
}
