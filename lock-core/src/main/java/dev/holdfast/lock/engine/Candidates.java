package dev.holdfast.lock.engine;

import dev.holdfast.lock.LeaderElection.Leader;
import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import dev.holdfast.lock.store.Txn;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The candidates of an election in the store, in the layout of Go's {@code concurrency.Election}: each an entry of the name with its
 * text as the value; the oldest leads. Transactions and what their answers mean; no state, no I/O.
 */
record Candidates(LockKeys keys, String name) {

    /** Their entries travel in one request with those of other names, which must not be crowded out. */
    static final int MAX_VALUE_BYTES = 65_536;

    /** @throws IllegalArgumentException saying what is wrong with the text */
    String checked(String value) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
            throw new IllegalArgumentException("The value of a candidate in election '" + name
                    + "' has half a surrogate pair; give valid Unicode");
        }
        int bytes = value.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("The value of a candidate in election '" + name + "' has " + bytes
                    + " bytes; give at most " + MAX_VALUE_BYTES + ", for example an address where to ask for more");
        }
        if (!Kind.of(value).isExclusive()) {
            // It would be read as an entry that others may share.
            throw new IllegalArgumentException("The value of a candidate in election '" + name
                    + "' starts as the entry of " + Kind.of(value) + "; give another");
        }
        return value;
    }

    KeyRange range() {
        return keys.entries(name);
    }

    boolean competes(String key) {
        return keys.competes(name, key);
    }

    /** Reads the oldest key below the name; {@code all}: every one, since keys that do not compete may be older. */
    Txn read(boolean all) {
        return Txn.of(new Op.Get(range(), Op.Order.OLDEST_FIRST, all ? 0 : 1, 0, false));
    }

    /** Who leads, among keys read oldest first. */
    @Nullable
    KeyValue leading(OpResult.Keys oldestFirst) {
        return oldestFirst.keys().stream()
                .filter(key -> competes(key.key()))
                .findFirst()
                .orElse(null);
    }

    static Optional<Leader> leader(@Nullable KeyValue leading) {
        return Optional.ofNullable(leading).map(key -> new Leader(key.value(), key.createRevision()));
    }

    /** Another value for an entry, if it was last put at that revision; otherwise reads it. */
    static Txn proclaim(String entry, long leaseId, long modRevision, String value) {
        return new Txn(
                List.of(Compare.modifiedAt(entry, modRevision)),
                List.of(new Op.Put(entry, value, leaseId)),
                List.of(Op.Get.key(entry)));
    }
}
