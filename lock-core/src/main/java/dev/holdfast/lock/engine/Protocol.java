package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of one entry and what their answers mean; no state, no time, no I/O (docs/design.md, "Protocol").
 *
 * @param name name of the lock
 * @param leaseId lease of the entry
 * @param entry the entry's key
 * @param guard its guard key: an attempt in doubt is made harmless by changing it
 */
record Protocol(LockKeys keys, String name, long leaseId, String entry, String guard) {

    /** Enough to find a predecessor among foreign keys below the name without reading a long queue. */
    private static final int PAGE = 16;

    static Protocol of(LockKeys keys, String name, long leaseId) {
        return new Protocol(keys, name, leaseId, keys.entry(name, leaseId), keys.guard(name, leaseId));
    }

    /** Joins the queue: puts the entry and reads who is there. */
    Txn join(long guardRevision, String value) {
        return new Txn(
                List.of(Compare.absent(KeyRange.single(entry)), Compare.modifiedAt(guard, guardRevision)),
                List.of(put(value), newestEntries(0)),
                List.of(Op.Get.key(entry), Op.Get.key(guard)));
    }

    /**
     * Takes the lock only if nobody is there; otherwise writes nothing. If the directory is known to hold only foreign keys, {@code
     * readAt} is the revision of that knowledge; 0: it must be empty. {@code all}: if refused, read not only the oldest keys.
     */
    Txn take(long guardRevision, String value, long readAt, boolean all) {
        KeyRange entries = keys.entries(name);
        return new Txn(
                List.of(
                        readAt == 0 ? Compare.absent(entries) : Compare.unchangedSince(entries, readAt),
                        Compare.modifiedAt(guard, guardRevision)),
                List.of(put(value)),
                List.of(
                        Op.Get.key(entry),
                        Op.Get.key(guard),
                        new Op.Get(entries, Op.Order.OLDEST_FIRST, all ? 0 : PAGE, 0, true)));
    }

    /** Reads the own entry and those before it. {@code all}: not only the nearest. */
    Txn read(long token, boolean all) {
        return Txn.of(
                Op.Get.key(entry),
                new Op.Get(keys.entries(name), Op.Order.NEWEST_FIRST, all ? 0 : PAGE, token - 1, true));
    }

    Txn readEntry() {
        return Txn.of(Op.Get.key(entry));
    }

    /** Deletes the entry if it is still the one created then; never another's, nor a later one of our own. */
    Txn remove(long token) {
        return new Txn(
                List.of(Compare.createdAt(entry, token)), List.of(new Op.Delete(KeyRange.single(entry))), List.of());
    }

    /** Moves the entry created then to another lease; its place in the queue stays. */
    Txn move(long token, String value, long toLease) {
        return new Txn(List.of(Compare.createdAt(entry, token)), List.of(new Op.Put(entry, value, toLease)), List.of());
    }

    /** Ends an attempt in doubt: deletes what it may have put, and moves the guard so that it can put nothing later. */
    Txn reconcile(long guardRevision) {
        return new Txn(
                List.of(Compare.modifiedAt(guard, guardRevision)),
                List.of(new Op.Delete(KeyRange.single(entry)), new Op.Put(guard, "", leaseId)),
                List.of(Op.Get.key(guard)));
    }

    /** Whether an answer to {@link #join} or {@link #take} that did not succeed shows an entry of our own. */
    boolean ownEntryFound(TxnResult refused) {
        return !refused.keys(0).keys().isEmpty();
    }

    static long guardRevision(OpResult.Keys answer) {
        return answer.keys().isEmpty() ? 0 : answer.keys().get(0).modRevision();
    }

    /** The nearest entry before ours among keys read newest first. */
    @Nullable
    KeyValue predecessor(OpResult.Keys newestFirst, long token) {
        for (KeyValue key : newestFirst.keys()) {
            if (key.createRevision() < token && keys.competes(name, key.key())) {
                return key;
            }
        }
        return null;
    }

    boolean anyCompetitor(OpResult.Keys found) {
        return found.keys().stream().anyMatch(key -> keys.competes(name, key.key()));
    }

    private Op.Put put(String value) {
        return new Op.Put(entry, value, leaseId);
    }

    private Op.Get newestEntries(long maxCreateRevision) {
        return new Op.Get(keys.entries(name), Op.Order.NEWEST_FIRST, PAGE, maxCreateRevision, true);
    }
}
