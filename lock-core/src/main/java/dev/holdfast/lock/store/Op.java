package dev.holdfast.lock.store;

/** An operation of a transaction. */
public sealed interface Op {

    /** Puts a key; {@code leaseId} 0: without lease. */
    record Put(String key, String value, long leaseId) implements Op {}

    record Delete(KeyRange range) implements Op {}

    /**
     * Reads a range.
     *
     * @param order by create revision
     * @param limit greatest number of keys; 0: all
     * @param maxCreateRevision only keys created at or before it; 0: all
     * @param keysOnly whether values stay empty
     */
    record Get(KeyRange range, Order order, int limit, long maxCreateRevision, boolean keysOnly) implements Op {

        public static Get key(String key) {
            return new Get(KeyRange.single(key), Order.OLDEST_FIRST, 0, 0, false);
        }
    }

    /** A transaction inside a transaction; its answer is one of the outer one's. */
    record Nested(Txn txn) implements Op {}

    /** Order of the keys of an answer, by create revision. */
    enum Order {
        OLDEST_FIRST,
        NEWEST_FIRST
    }
}
