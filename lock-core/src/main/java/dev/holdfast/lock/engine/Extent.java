package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import java.util.ArrayList;
import java.util.List;

/**
 * How much a transaction is, to decide which may travel together.
 *
 * @param places names it touches, as the part of the keys before the entry's own; two that share one must not be in one batch
 * @param operations how the store counts it against its limit: the longest list of each level
 * @param bytes of the request, at most
 * @param keysRead how many keys its answer can show; a guess where it asks for all
 * @param writes keys it may put or delete, at most; some stores name them once more to check permissions
 * @param puts whether it may put a key
 */
record Extent(List<String> places, int operations, int bytes, int keysRead, int writes, boolean puts) {

    /** In UTF-8 a char takes at most three bytes; and each condition and operation has some of its own. */
    private static final int BYTES_PER_CHAR = 3;

    private static final int BYTES_PER_PART = 40;

    /** A long queue: its keys, and its values too. */
    private static final int MANY_KEYS = 100;

    private static final int MANY_VALUES = 1_000;

    static Extent of(Txn txn, LockKeys keys) {
        return new Measuring(keys).measure(txn);
    }

    private static final class Measuring {

        private final LockKeys keys;
        private final List<String> places = new ArrayList<>(2);
        private int bytes;
        private int writes;
        private boolean puts;

        private Measuring(LockKeys keys) {
            this.keys = keys;
        }

        private Extent measure(Txn txn) {
            int operations = operations(txn);
            return new Extent(places, operations, bytes, keysRead(txn), writes, puts);
        }

        private int operations(Txn txn) {
            int conditions = 0;
            for (Compare condition : txn.conditions()) {
                touch(condition.range());
                boolean value = condition instanceof Compare.OfValue;
                conditions += value ? 2 : 1;
                bytes += value
                        ? 2
                                * BYTES_PER_CHAR
                                * ((Compare.OfValue) condition).start().length()
                        : 0;
            }
            int nested = Math.max(nestedOperations(txn.then()), nestedOperations(txn.otherwise()));
            return nested
                    + Math.max(
                            conditions,
                            Math.max(txn.then().size(), txn.otherwise().size()));
        }

        private int nestedOperations(List<Op> ops) {
            int widest = 0;
            for (int i = 0; i < ops.size(); i++) {
                Op op = ops.get(i);
                if (op instanceof Op.Put put) {
                    puts = true;
                    writes++;
                    bytes += BYTES_PER_CHAR * put.value().length();
                    touch(put.key(), false);
                } else if (op instanceof Op.Delete delete) {
                    writes++;
                    touch(delete.range());
                } else if (op instanceof Op.Get get) {
                    touch(get.range());
                } else if (op instanceof Op.Page page) {
                    touch(page.prefix(), true);
                } else if (op instanceof Op.Nested nested) {
                    bytes += BYTES_PER_PART;
                    widest = Math.max(widest, operations(nested.txn()));
                }
            }
            return widest;
        }

        private static int keysRead(Txn txn) {
            return Math.max(keysRead(txn.then()), keysRead(txn.otherwise()));
        }

        private static int keysRead(List<Op> ops) {
            int read = 0;
            for (int i = 0; i < ops.size(); i++) {
                if (ops.get(i) instanceof Op.Get get) {
                    int all = get.keysOnly() ? MANY_KEYS : MANY_VALUES;
                    read += !get.range().prefix() ? 1 : get.limit() == 0 ? all : get.limit();
                } else if (ops.get(i) instanceof Op.Page page) {
                    read += page.limit();
                } else if (ops.get(i) instanceof Op.Nested nested) {
                    read += keysRead(nested.txn());
                }
            }
            return read;
        }

        private void touch(KeyRange range) {
            touch(range.key(), range.prefix());
        }

        private void touch(String key, boolean prefix) {
            bytes += BYTES_PER_PART + (prefix ? 2 : 1) * BYTES_PER_CHAR * key.length();
            if (keys.isGuard(key)) {
                // Whatever touches a guard touches its name too.
                return;
            }
            int length = key.lastIndexOf('/') + 1;
            for (int i = 0; i < places.size(); i++) {
                String known = places.get(i);
                if (known.length() == length && key.startsWith(known)) {
                    return;
                }
            }
            places.add(length == key.length() ? key : key.substring(0, length));
        }
    }
}
