package dev.holdfast.lock.memory;

import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What etcd refuses before it looks at any key, in branches that would not be taken too: too many operations, a key put twice, a key
 * put that the same transaction deletes. A deletion by a nested transaction refuses puts by those after it only; we do as etcd does.
 */
final class TxnRules {

    private static final int MOST_OPERATIONS = 128;

    private final Set<String> puts = new HashSet<>();
    private final List<KeyRange> deletes = new ArrayList<>();

    private TxnRules() {}

    static void check(Txn txn) {
        count(txn, MOST_OPERATIONS);
        of(txn.then());
        of(txn.otherwise());
    }

    /** Each level counts its longest list; what is left is for each of the transactions nested in it. */
    private static void count(Txn txn, int most) {
        int longest = Math.max(
                txn.conditions().stream().mapToInt(TxnRules::count).sum(),
                Math.max(txn.then().size(), txn.otherwise().size()));
        if (longest > most) {
            throw refused("too many operations in txn request");
        }
        for (List<Op> branch : List.of(txn.then(), txn.otherwise())) {
            for (Op op : branch) {
                if (op instanceof Op.Nested nested) {
                    count(nested.txn(), most - longest);
                }
            }
        }
    }

    /** The start of a value is compared with two bounds. */
    private static int count(Compare condition) {
        return condition instanceof Compare.OfValue ? 2 : 1;
    }

    private static TxnRules of(List<Op> ops) {
        TxnRules rules = new TxnRules();
        for (Op op : ops) {
            if (op instanceof Op.Delete delete) {
                rules.deletes.add(delete.range());
            }
        }
        for (Op op : ops) {
            if (op instanceof Op.Nested nested) {
                rules.add(of(nested.txn().then()), of(nested.txn().otherwise()));
            }
        }
        for (Op op : ops) {
            if (op instanceof Op.Put put) {
                rules.put(put.key());
            }
        }
        return rules;
    }

    private void add(TxnRules then, TxnRules otherwise) {
        then.puts.forEach(this::put);
        // Only one of the two branches will be taken.
        otherwise.puts.stream().filter(key -> !then.puts.contains(key)).forEach(this::put);
        deletes.addAll(then.deletes);
        deletes.addAll(otherwise.deletes);
    }

    private void put(String key) {
        if (!puts.add(key) || deletes.stream().anyMatch(range -> range.contains(key))) {
            throw refused("duplicate key given in txn request");
        }
    }

    private static StoreException refused(String message) {
        return new StoreException(StoreException.Kind.INVALID, message, null);
    }
}
