package dev.holdfast.lock.store;

import java.util.List;

/** Answer to one {@link Op}; a nested transaction answers with a {@link TxnResult}. */
public sealed interface OpResult permits OpResult.Done, OpResult.Keys, TxnResult {

    /**
     * Answer to a put or delete.
     *
     * @param deleted number of keys deleted; 0 for a put
     */
    record Done(long deleted) implements OpResult {}

    /**
     * Answer to a read.
     *
     * @param more whether the limit left keys out
     */
    record Keys(List<KeyValue> keys, boolean more) implements OpResult {

        public Keys {
            keys = List.copyOf(keys);
        }
    }
}
