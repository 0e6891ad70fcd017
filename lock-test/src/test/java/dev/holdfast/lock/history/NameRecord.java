package dev.holdfast.lock.history;

import java.util.HashMap;
import java.util.Map;
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
    private final Map<Long, Event> everPut = new HashMap<>();

    /** By token: since when it has been the oldest. */
    private final Map<Long, Long> turns = new HashMap<>();

    private final Map<Long, Event> deletions = new HashMap<>();

    HoldRecord hold(long token) {
        return holds.computeIfAbsent(token, absent -> new HoldRecord());
    }

    void put(Event put) {
        entries.put(put.number(), put);
        everPut.put(put.number(), put);
        turnAt(put.at());
    }

    void deleted(Event deleted) {
        entries.remove(deleted.number());
        deletions.put(deleted.number(), deleted);
        turnAt(deleted.at());
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
        return everPut.containsKey(token);
    }

    boolean stands(long token) {
        return entries.containsKey(token);
    }

    /** Since when the entry has been the oldest; null: it has not. */
    @Nullable
    Long turn(long token) {
        return turns.get(token);
    }

    /** The lease of the entry with that token, as its key tells; 0: nobody saw it. */
    long lease(long token) {
        Event put = everPut.get(token);
        String key = put == null ? "" : put.detail();
        return key.isEmpty() ? 0 : Long.parseUnsignedLong(key.substring(key.lastIndexOf('/') + 1), 16);
    }

    private void turnAt(long at) {
        Event first = oldest();
        if (first != null) {
            turns.putIfAbsent(first.number(), at);
        }
    }
}
