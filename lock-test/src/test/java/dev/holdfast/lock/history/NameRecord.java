package dev.holdfast.lock.history;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One name: its holds and its entries in the store. */
final class NameRecord {

    final Map<Long, HoldRecord> holds = new HashMap<>();

    /** The first HELD of the hold that was the last to say so. */
    @Nullable
    Event lastClaim;

    long greatestWritten;

    private final TreeMap<Long, Event> entries = new TreeMap<>();
    private final Set<Long> everPut = new HashSet<>();
    private final Map<Long, Event> deletions = new HashMap<>();

    HoldRecord hold(long token) {
        return holds.computeIfAbsent(token, absent -> new HoldRecord());
    }

    void put(Event put) {
        entries.put(put.number(), put);
        everPut.add(put.number());
    }

    void deleted(Event deleted) {
        entries.remove(deleted.number());
        deletions.put(deleted.number(), deleted);
    }

    @Nullable
    Event deletion(long token) {
        return deletions.get(token);
    }

    @Nullable
    Event oldest() {
        Map.Entry<Long, Event> first = entries.firstEntry();
        return first == null ? null : first.getValue();
    }

    /** Whether anybody watched the store. */
    boolean observed() {
        return !everPut.isEmpty();
    }

    boolean wasPut(long token) {
        return everPut.contains(token);
    }
}
