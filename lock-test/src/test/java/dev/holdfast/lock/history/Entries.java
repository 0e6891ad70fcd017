package dev.holdfast.lock.history;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The entries of one name in the store, by token: which there are, in which order, and since when each has had its turn. */
final class Entries {

    private final TreeMap<Long, Event> present = new TreeMap<>();
    private final Map<Long, Event> everPut = new HashMap<>();
    private final Map<Long, Event> deletions = new HashMap<>();

    /** By token: since when those before it have been fewer than its limit. */
    private final Map<Long, Long> turns = new HashMap<>();

    void put(Event put) {
        present.put(put.number(), put);
        everPut.put(put.number(), put);
        turnAt(put.at());
    }

    /** What the entry said until then; null: there is none. */
    @Nullable
    Terms changed(Event changed) {
        Event before = present.computeIfPresent(changed.number(), (token, put) -> put.withTerms(changed.terms()));
        Event put = everPut.get(changed.number());
        if (put == null) {
            return null;
        }
        everPut.put(changed.number(), put.withTerms(changed.terms()));
        if (before != null) {
            turnAt(changed.at());
        }
        return put.terms();
    }

    void deleted(Event deleted) {
        present.remove(deleted.number());
        deletions.put(deleted.number(), deleted);
        turnAt(deleted.at());
    }

    @Nullable
    Event deletion(long token) {
        return deletions.get(token);
    }

    /** Whether anybody watched the store. */
    boolean observed() {
        return !everPut.isEmpty();
    }

    boolean wasPut(long token) {
        return everPut.containsKey(token);
    }

    boolean stands(long token) {
        return present.containsKey(token);
    }

    Collection<Event> standing() {
        return present.values();
    }

    /** What the entry said last; null: nobody saw it. */
    @Nullable
    Terms terms(long token) {
        Event put = everPut.get(token);
        return put == null ? null : put.terms();
    }

    /** Since when the entry has had its turn; null: it has not. */
    @Nullable
    Long turn(long token) {
        return turns.get(token);
    }

    /** The lease of the entry with that token, as its key tells; 0: nobody saw it. */
    long lease(long token) {
        Event put = everPut.get(token);
        String key = put == null ? "" : put.detail();
        if (key.isEmpty()) {
            return 0;
        }
        String last = key.substring(key.lastIndexOf('/') + 1);
        int counter = last.indexOf('.');
        return Long.parseUnsignedLong(counter < 0 ? last : last.substring(0, counter), 16);
    }

    /** The oldest of those that keep a holder with that token from its turn; null: they are fewer than its limit. */
    @Nullable
    Event before(long token, Terms holder) {
        Event first = null;
        int count = 0;
        for (Event entry : present.headMap(token).values()) {
            if (entry.terms().countsFor(holder)) {
                first = first == null ? entry : first;
                count++;
            }
        }
        return count < holder.permits() ? null : first;
    }

    /** The oldest of those before a holder with that token that it can never hold beside, nor wait behind; null: none. */
    @Nullable
    Event disagreeing(long token, Terms holder) {
        for (Event entry : present.headMap(token).values()) {
            if (!entry.terms().agrees(holder)) {
                return entry;
            }
        }
        return null;
    }

    /** Whether an entry that disagrees stood at any time between the two. */
    boolean disagreed(Terms terms, long from, long to) {
        for (Event put : everPut.values()) {
            Event deleted = deletions.get(put.number());
            if (!put.terms().agrees(terms) && put.at() <= to && (deleted == null || deleted.at() >= from)) {
                return true;
            }
        }
        return false;
    }

    private void turnAt(long at) {
        int all = 0;
        int unshared = 0;
        Set<Terms> kinds = new HashSet<>();
        for (Event entry : present.values()) {
            Terms terms = entry.terms();
            int counting = terms.is(Terms.Mode.SHARED) ? unshared : all;
            if (counting < terms.permits() && kinds.stream().allMatch(terms::agrees)) {
                turns.putIfAbsent(entry.number(), at);
            }
            all++;
            unshared += terms.is(Terms.Mode.SHARED) ? 0 : 1;
            kinds.add(terms.kind());
        }
    }
}
