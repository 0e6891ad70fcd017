package dev.holdfast.lock.store;

import java.util.List;

/**
 * Answer to a transaction.
 *
 * @param succeeded whether the conditions held
 * @param revision the store's revision after the transaction; of a transaction that wrote, the revision of its writes
 * @param clusterId identity of the cluster that answered; 0 in a nested transaction
 * @param results one for each operation executed, in their order
 */
public record TxnResult(boolean succeeded, long revision, long clusterId, List<OpResult> results) implements OpResult {

    public TxnResult {
        results = List.copyOf(results);
    }

    /** The answer to the read at that place. */
    public Keys keys(int index) {
        return (Keys) results.get(index);
    }
}
