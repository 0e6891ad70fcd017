package dev.holdfast.lock.memory;

import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.store.TxnResult;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * One execution of a transaction, as etcd does it: all conditions, nested ones too, are decided before anything is written; all writes
 * have one revision; what breaks a rule fails the whole, and so does a put to an unknown lease. Used once, under the server's lock.
 */
final class MemoryTxn {

    private final MemoryKeys keys;
    private final Map<Long, MemoryLease> leases;
    private final long clusterId;
    private final long at;
    private final Map<Txn, Boolean> decisions = new IdentityHashMap<>();
    private final List<KeyChange> changes = new ArrayList<>();

    MemoryTxn(MemoryKeys keys, Map<Long, MemoryLease> leases, long clusterId) {
        this.keys = keys;
        this.leases = leases;
        this.clusterId = clusterId;
        this.at = keys.revision() + 1;
    }

    TxnResult execute(Txn txn) {
        TxnRules.check(txn);
        decide(txn);
        checkLeases(txn);
        List<OpResult> results = apply(txn);
        if (!changes.isEmpty()) {
            keys.revision(at);
        }
        return new TxnResult(chosen(txn), keys.revision(), clusterId, answered(results));
    }

    List<KeyChange> changes() {
        return changes;
    }

    private void decide(Txn txn) {
        decisions.put(txn, txn.conditions().stream().allMatch(keys::holds));
        for (Op op : branch(txn)) {
            if (op instanceof Op.Nested nested) {
                decide(nested.txn());
            }
        }
    }

    private boolean chosen(Txn txn) {
        return Boolean.TRUE.equals(decisions.get(txn));
    }

    private List<Op> branch(Txn txn) {
        return chosen(txn) ? txn.then() : txn.otherwise();
    }

    private void checkLeases(Txn txn) {
        for (Op op : branch(txn)) {
            if (op instanceof Op.Put put && put.leaseId() != 0 && !leases.containsKey(put.leaseId())) {
                throw new StoreException(StoreException.Kind.LEASE_NOT_FOUND, "requested lease not found", null);
            } else if (op instanceof Op.Nested nested) {
                checkLeases(nested.txn());
            }
        }
    }

    private List<OpResult> apply(Txn txn) {
        List<OpResult> results = new ArrayList<>();
        for (Op op : branch(txn)) {
            if (op instanceof Op.Put put) {
                results.add(put(put));
            } else if (op instanceof Op.Delete delete) {
                results.add(delete(delete.range()));
            } else if (op instanceof Op.Get get) {
                results.add(keys.read(get));
            } else if (op instanceof Op.Page page) {
                results.add(keys.read(page));
            } else if (op instanceof Op.Nested nested) {
                List<OpResult> inner = apply(nested.txn());
                results.add(new TxnResult(chosen(nested.txn()), at, 0, inner));
            }
        }
        return results;
    }

    /** Nested transactions too tell the revision after the whole, which is known only now. */
    private List<OpResult> answered(List<OpResult> results) {
        return results.stream()
                .map(result -> result instanceof TxnResult nested
                        ? new TxnResult(nested.succeeded(), keys.revision(), 0, answered(nested.results()))
                        : result)
                .toList();
    }

    private OpResult put(Op.Put put) {
        detach(put.key());
        keys.put(put.key(), put.value(), put.leaseId(), at);
        MemoryLease lease = leases.get(put.leaseId());
        if (lease != null) {
            lease.attach(put.key());
        }
        changes.add(new KeyChange(put.key(), false, at));
        return new OpResult.Done(0);
    }

    private OpResult delete(KeyRange range) {
        List<KeyValue> gone = keys.in(range);
        for (KeyValue key : gone) {
            detach(key.key());
            keys.delete(key.key());
            changes.add(new KeyChange(key.key(), true, at));
        }
        return new OpResult.Done(gone.size());
    }

    private void detach(String key) {
        KeyValue before = keys.get(key);
        MemoryLease lease = before == null ? null : leases.get(before.leaseId());
        if (lease != null) {
            lease.detach(key);
        }
    }
}
