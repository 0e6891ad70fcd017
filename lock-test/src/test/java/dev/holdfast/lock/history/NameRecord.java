package dev.holdfast.lock.history;

import java.util.HashMap;
import java.util.Map;

/** One name: its holds, what users claimed, and its entries in the store. */
final class NameRecord {

    final String name;
    final Map<Long, HoldRecord> holds = new HashMap<>();
    final Claims claims = new Claims();
    final Entries entries = new Entries();

    /** Of all tokens the resource took, and of those that let nobody beside them. */
    long greatestWritten;

    long greatestWrittenAlone;

    NameRecord(String name) {
        this.name = name;
    }

    HoldRecord hold(long token) {
        return holds.computeIfAbsent(token, absent -> new HoldRecord());
    }
}
