package dev.holdfast.lock.memory;

import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.Txn;

/**
 * One request of a random run, the same for every store: leases are numbered in the order of their grants, revisions count from the
 * start of the run (0 stays 0).
 */
sealed interface Step {

    record Transaction(Txn txn) implements Step {}

    record Grant(long millis) implements Step {}

    record KeepAlive(int lease) implements Step {}

    record ReadLease(int lease) implements Step {}

    record Revoke(int lease) implements Step {}

    record Watch(KeyRange range) implements Step {}

    /** Ends the oldest watch; what it told is compared first. */
    record Unwatch() implements Step {}
}
