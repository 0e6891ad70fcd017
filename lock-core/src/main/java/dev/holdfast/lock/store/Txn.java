package dev.holdfast.lock.store;

import java.util.List;

/**
 * If all conditions hold, the first operations, otherwise the second, at one revision. No key may be put twice in one transaction,
 * nested ones included.
 */
public record Txn(List<Compare> conditions, List<Op> then, List<Op> otherwise) {

    public Txn {
        conditions = List.copyOf(conditions);
        then = List.copyOf(then);
        otherwise = List.copyOf(otherwise);
    }

    /** Unconditional operations. */
    public static Txn of(Op... ops) {
        return new Txn(List.of(), List.of(ops), List.of());
    }
}
