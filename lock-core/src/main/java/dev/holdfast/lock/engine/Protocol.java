package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The transactions of one entry and what their answers mean; no state, no time, no I/O (docs/design.md, "Protocol"). An entry for several
 * names has a key under each, all put and deleted together, so they have one create revision.
 *
 * @param names names of the lock
 * @param leaseId lease of the entry
 * @param entries the entry's keys, one for each name
 */
record Protocol(LockKeys keys, Kind kind, List<String> names, long leaseId, List<String> entries) {

    /**
     * In a queue that is not longer, a waiter follows all who are before it; in a longer one only the nearest, which this finds also among
     * foreign keys below the name. The values of so many are read on each join: some 4 KB at most.
     */
    static final int FEW = 16;

    /** Readers look for a writer among readers. */
    private static final int MANY = 64;

    static Protocol of(LockKeys keys, Kind kind, List<String> names, long leaseId, long slot) {
        return ofTail(keys, kind, names, leaseId, LockKeys.tail(leaseId, slot));
    }

    static Protocol ofTail(LockKeys keys, Kind kind, List<String> names, long leaseId, String tail) {
        return new Protocol(keys, kind, names, leaseId, each(names, name -> keys.entry(name, tail)));
    }

    /** Its guard key: an attempt in doubt is made harmless by changing it. Not kept, since a hold has no use for it. */
    String guard() {
        return keys.guard(names.get(0), LockKeys.tailOf(entries.get(0)));
    }

    /**
     * Joins the queue: puts the entry and reads who is there. An entry of a semaphore is put only if all who are there agree with it: so
     * a semaphore's entry never stands behind one of another kind.
     *
     * @param readAt at that revision all who were there agreed: nobody may have joined them since; 0: not read yet
     */
    Txn join(long guardRevision, String value, long readAt) {
        List<Compare> conditions = new ArrayList<>(entriesAbsent());
        String guard = guard();
        conditions.add(Compare.modifiedAt(guard, guardRevision));
        List<Op> then = new ArrayList<>(puts(value));
        then.addAll(each(name -> newestFirst(name, false, 0)));
        List<Op> otherwise = guardAndEntries(guard);
        if (kind.isSemaphore()) {
            KeyRange others = keys.entries(names.get(0));
            List<Compare> alone = new ArrayList<>(conditions);
            alone.add(Compare.absent(others));
            conditions.add(
                    readAt == 0
                            ? Compare.valuesStartWith(others, kind.valueStart())
                            : Compare.unchangedSince(others, readAt));
            otherwise.add(new Op.Nested(
                    new Txn(alone, puts(value), List.of(new Op.Get(others, Op.Order.OLDEST_FIRST, 0, 0, false)))));
        }
        return new Txn(conditions, then, otherwise);
    }

    /**
     * Joins the queue at its end as {@link #join} does, and gives back in the same moment what is at {@code key} since {@code token}. Of
     * one exclusive lock. If that is not there any more, nothing is written.
     */
    Txn joinInsteadOf(String key, long token, long guardRevision, String value) {
        Txn join = join(guardRevision, value, 0);
        List<Compare> conditions = new ArrayList<>(join.conditions());
        conditions.add(Compare.createdAt(key, token));
        List<Op> then = new ArrayList<>();
        then.add(delete(key));
        then.addAll(join.then());
        return new Txn(conditions, then, join.otherwise());
    }

    /** Who else is in the queue, before us or behind; and whether we are. */
    Txn lookAround() {
        List<Op> ops = new ArrayList<>(each(entries, Op.Get::key));
        ops.addAll(each(name -> new Op.Get(keys.entries(name), Op.Order.NEWEST_FIRST, FEW, 0, true)));
        return new Txn(List.of(), ops, List.of());
    }

    /** Whether the answer to {@link #lookAround} shows that nobody else is there. */
    boolean alone(TxnResult answer) {
        List<OpResult.Keys> queues = queues(answer);
        for (int i = 0; i < queues.size(); i++) {
            String name = names.get(i);
            String own = entries.get(i);
            if (queues.get(i).more()
                    || queues.get(i).keys().stream()
                            .anyMatch(key -> !key.key().equals(own) && keys.competes(name, key.key()))) {
                return false;
            }
        }
        return true;
    }

    /**
     * Takes the lock only if nobody is in the way; otherwise writes nothing.
     *
     * @param readAt at that revision those who were there did not stand in the way: nobody may have joined them since; 0: nobody may be
     *     there
     * @param all if refused, read not only the oldest keys
     */
    Txn take(long guardRevision, String value, long readAt, boolean all) {
        List<Compare> conditions = new ArrayList<>();
        for (String name : names) {
            KeyRange others = keys.entries(name);
            conditions.add(readAt == 0 ? Compare.absent(others) : Compare.unchangedSince(others, readAt));
        }
        String guard = guard();
        conditions.add(Compare.modifiedAt(guard, guardRevision));
        List<Op> otherwise = guardAndEntries(guard);
        int limit = all ? 0 : page();
        otherwise.addAll(each(name -> new Op.Get(keys.entries(name), Op.Order.OLDEST_FIRST, limit, 0, false)));
        return new Txn(conditions, puts(value), otherwise);
    }

    /** Reads the own entry and those before it. {@code all}: not only the nearest. */
    Txn read(long token, boolean all) {
        List<Op> ops = new ArrayList<>(each(entries, Op.Get::key));
        ops.addAll(each(name -> newestFirst(name, all, token - 1)));
        return new Txn(List.of(), ops, List.of());
    }

    Txn readEntry() {
        return new Txn(List.of(), each(entries, Op.Get::key), List.of());
    }

    /** Deletes the entry if it is still the one created then; never another's, nor a later one of our own. */
    Txn remove(long token) {
        List<Op> oneByOne = entries.size() == 1
                ? List.of()
                : each(
                        entries,
                        key -> new Op.Nested(
                                new Txn(List.of(Compare.createdAt(key, token)), List.of(delete(key)), List.of())));
        return new Txn(createdAt(token), each(entries, Protocol::delete), oneByOne);
    }

    /**
     * Says something else in the entry last written at that revision: a late copy changes nothing. Its place in the queue stays. If it was
     * written since, reads it.
     */
    Txn rewrite(long writtenAt, String value) {
        return new Txn(
                each(entries, key -> Compare.modifiedAt(key, writtenAt)), puts(value), each(entries, Op.Get::key));
    }

    /** When the entry created then was last written, as a refused {@link #rewrite} tells; 0: it is gone, or not ours any more. */
    long writtenAt(TxnResult refused, long token) {
        List<KeyValue> own = own(refused, token);
        return own.size() == entries.size() && own.stream().allMatch(key -> key.leaseId() == leaseId)
                ? own.get(0).modRevision()
                : 0;
    }

    /** Moves the entry created then to another lease; its place in the queue stays. */
    Txn move(long token, String value, long toLease) {
        return new Txn(createdAt(token), puts(value, toLease), List.of());
    }

    /** Ends an attempt in doubt: deletes what it may have put, and moves the guard so that it can put nothing later. */
    Txn reconcile(long guardRevision) {
        List<Op> then = new ArrayList<>(each(entries, Protocol::delete));
        String guard = guard();
        then.add(new Op.Put(guard, "", leaseId));
        return new Txn(List.of(Compare.modifiedAt(guard, guardRevision)), then, List.of(Op.Get.key(guard)));
    }

    /** What the answer to {@link #join} or {@link #take} says. */
    Admitted admitted(TxnResult answer) {
        if (answer.succeeded()) {
            // What was read comes last; a take reads nothing.
            int written = answer.results().size() - names.size();
            return new Admitted(true, written > 0 ? read(answer, written) : List.of());
        }
        int read = 1 + names.size();
        if (answer.results().size() > read && answer.results().get(read) instanceof TxnResult semaphore) {
            return new Admitted(semaphore.succeeded(), semaphore.succeeded() ? List.of() : List.of(semaphore.keys(0)));
        }
        return new Admitted(false, read(answer, read));
    }

    /**
     * What a join or a take came to.
     *
     * @param in whether the entry is in the store
     * @param queues who else was found under each name; empty if it was not read
     */
    record Admitted(boolean in, List<OpResult.Keys> queues) {}

    /** Whether an answer to {@link #join} or {@link #take} that did not succeed shows an entry of our own. */
    boolean ownEntryFound(TxnResult refused) {
        for (int i = 0; i < entries.size(); i++) {
            if (!refused.keys(1 + i).keys().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** From an answer that starts with a read of the guard. */
    static long guardRevision(TxnResult refused) {
        List<KeyValue> found = refused.keys(0).keys();
        return found.isEmpty() ? 0 : found.get(0).modRevision();
    }

    /** The own entry's keys in an answer to {@link #read} or {@link #readEntry}, those that were created then. */
    List<KeyValue> own(TxnResult answer, long token) {
        List<KeyValue> own = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            answer.keys(i).keys().stream()
                    .filter(key -> key.createRevision() == token)
                    .forEach(own::add);
        }
        return own;
    }

    /** The queues in an answer to {@link #read}. */
    List<OpResult.Keys> queues(TxnResult answer) {
        return read(answer, entries.size());
    }

    /**
     * How the entry created at that revision stands in its queues. Those before a semaphore's entry agreed with it when it was put, so
     * it needs no values.
     *
     * @param queues one for each name; empty: nobody else is there
     */
    Standing standing(List<OpResult.Keys> queues, long token) {
        return standing(queues, token, !kind.isSemaphore());
    }

    /** How an entry that was not admitted would stand. */
    Standing outside(List<OpResult.Keys> queues) {
        return standing(queues, Long.MAX_VALUE, true);
    }

    private Standing standing(List<OpResult.Keys> queues, long token, boolean valuesRead) {
        Standing standing = Standing.FREE;
        for (int i = 0; i < queues.size(); i++) {
            standing = standing.and(standing(names.get(i), queues.get(i), token, valuesRead));
        }
        return standing;
    }

    private Standing standing(String name, OpResult.Keys queue, long token, boolean valuesRead) {
        List<KeyValue> blockers = new ArrayList<>();
        for (KeyValue key : queue.keys()) {
            if (key.createRevision() < token && keys.competes(name, key.key())) {
                Kind other = valuesRead ? Kind.of(key.value()) : kind;
                if (!kind.agreesWith(other)) {
                    boolean passing = kind.isSemaphore()
                            && !blockers.isEmpty()
                            && key.value().startsWith(other.valueStart());
                    return new Standing.Disagreeing(name, other, EntryValue.ownerOf(key.value()), passing);
                }
                if (kind.blockedBy(other)) {
                    blockers.add(key);
                }
            }
        }
        if (blockers.size() >= kind.permits()) {
            return new Standing.Blocked(
                    name,
                    blockers,
                    !queue.more() && (page() == 0 || queue.keys().size() <= page()));
        }
        return queue.more() ? Standing.UNCLEAR : Standing.FREE;
    }

    private Op newestFirst(String name, boolean all, long maxCreateRevision) {
        return new Op.Get(
                keys.entries(name), Op.Order.NEWEST_FIRST, all ? 0 : page(), maxCreateRevision, kind.isSemaphore());
    }

    private int page() {
        return switch (kind.type()) {
            case EXCLUSIVE -> FEW;
            case SHARED -> MANY;
            case SEMAPHORE -> 0;
        };
    }

    private List<Compare> entriesAbsent() {
        return each(entries, key -> Compare.absent(KeyRange.single(key)));
    }

    private List<Compare> createdAt(long token) {
        return each(entries, key -> Compare.createdAt(key, token));
    }

    private List<Op> puts(String value) {
        return puts(value, leaseId);
    }

    private List<Op> puts(String value, long lease) {
        return each(entries, key -> new Op.Put(key, value, lease));
    }

    private List<Op> guardAndEntries(String guard) {
        List<Op> ops = new ArrayList<>();
        ops.add(Op.Get.key(guard));
        ops.addAll(each(entries, Op.Get::key));
        return ops;
    }

    private List<Op> each(Function<String, Op> op) {
        return each(names, op);
    }

    /** Nearly always for one: that costs next to nothing. */
    private static <T> List<T> each(List<String> texts, Function<String, ? extends T> op) {
        return texts.size() == 1
                ? List.of(op.apply(texts.get(0)))
                : texts.stream().<T>map(op).toList();
    }

    private static Op delete(String key) {
        return new Op.Delete(KeyRange.single(key));
    }

    private static List<OpResult.Keys> read(TxnResult answer, int from) {
        List<OpResult.Keys> read = new ArrayList<>();
        for (int i = from; i < answer.results().size(); i++) {
            read.add(answer.keys(i));
        }
        return read;
    }
}
