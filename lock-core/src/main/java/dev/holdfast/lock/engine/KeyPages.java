package dev.holdfast.lock.engine;

import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import java.util.List;

/**
 * Keys in their order, read piece by piece for a caller who blocks. A piece that does not fit into a message, as long values may bring
 * about, is asked for again as smaller ones. Not thread-safe.
 */
final class KeyPages {

    /** Of a few hundred bytes each. */
    static final int MOST = 1_000;

    /** From 1,000 in three steps to one. */
    private static final int SMALLER = 8;

    private final Inquiry inquiry;
    private final String prefix;
    private String from;
    private int limit = MOST;
    private boolean over;

    KeyPages(Inquiry inquiry, String prefix, String from) {
        this.inquiry = inquiry;
        this.prefix = prefix;
        this.from = from;
    }

    boolean over() {
        return over;
    }

    /** The next keys; perhaps none if it is over then. Fails with {@link StoreException}. */
    List<KeyValue> next() {
        OpResult.Keys page = read();
        over = !page.more();
        if (!page.keys().isEmpty()) {
            // The key right after it.
            from = page.keys().get(page.keys().size() - 1).key() + "\0";
        }
        return page.keys();
    }

    private OpResult.Keys read() {
        while (true) {
            try {
                OpResult.Keys page =
                        inquiry.txn(Txn.of(new Op.Page(prefix, from, limit))).keys(0);
                limit = Math.min(MOST, limit * 2);
                return page;
            } catch (StoreException failure) {
                // An answer too large for gRPC is told as if there was none, and not in words that stay the same.
                if (failure.kind() != StoreException.Kind.UNAVAILABLE || limit == 1) {
                    throw failure;
                }
                limit = Math.max(1, limit / SMALLER);
            }
        }
    }
}
