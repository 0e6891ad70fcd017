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

    /**
     * Reads keys in the order of their bytes, from one of them on. Unlike {@link Get}, which sorts, it costs the store no more than it
     * shows, so that very many can be read page by page.
     *
     * @param prefix start of the keys read
     * @param from first key looked at; starts with the prefix
     * @param limit greatest number of keys; at least 1
     */
    record Page(String prefix, String from, int limit) implements Op {

        public Page {
            if (!from.startsWith(prefix) || prefix.isEmpty()) {
                throw new IllegalArgumentException("A page of '" + prefix + "' cannot begin at '" + from + "'");
            }
            if (limit < 1) {
                throw new IllegalArgumentException("A page of " + limit + " keys is empty; give at least 1");
            }
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
