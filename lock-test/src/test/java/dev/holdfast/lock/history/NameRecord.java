package dev.holdfast.lock.history;

import java.util.HashMap;
import java.util.Map;

/** One name: its holds, what users claimed, and its entries in the store. */
final class NameRecord {

    final String name;
    final Map<Long, HoldRecord> holds = new HashMap<>();

    /** By entry. */
    private final Map<Long, Tenure> tenures = new HashMap<>();

    final Claims claims = new Claims();
    final Entries entries = new Entries();

    /** Of all tokens the resource took, and of those that let nobody beside them. */
    long greatestWritten;

    long greatestWrittenAlone;

    NameRecord(String name) {
        this.name = name;
    }

    HoldRecord hold(long number) {
        return holds.computeIfAbsent(number, absent -> new HoldRecord());
    }

    Tenure tenure(long entry) {
        return tenures.computeIfAbsent(entry, absent -> new Tenure());
    }
}
