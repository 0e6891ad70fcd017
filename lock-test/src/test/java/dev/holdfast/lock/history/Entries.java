package dev.holdfast.lock.history;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The entries of one name in the store, by create revision: which there are, in which order, and since when each has had its turn. */
final class Entries {

    private final TreeMap<Long, Event> present = new TreeMap<>();
    private final Map<Long, Event> everPut = new HashMap<>();
    private final Map<Long, Event> deletions = new HashMap<>();

    /** Revisions at which entries were written anew. */
    private final Map<Long, Set<Long>> rewritten = new HashMap<>();

    /** By entry: since when those before it have been fewer than its limit. */
    private final Map<Long, Long> turns = new HashMap<>();

    void put(Event put) {
        present.put(put.number(), put);
        everPut.put(put.number(), put);
        turnAt(put.at());
    }

    /** What the entry said until then; null: there is none. */
    @Nullable
    Terms changed(Event changed) {
        rewritten.computeIfAbsent(changed.number(), first -> new HashSet<>()).add(changed.token());
        Event before = present.computeIfPresent(changed.number(), (created, put) -> put.withTerms(changed.terms()));
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
    Event deletion(long entry) {
        return deletions.get(entry);
    }

    /** Whether anybody watched the store. */
    boolean observed() {
        return !everPut.isEmpty();
    }

    boolean wasPut(long entry) {
        return everPut.containsKey(entry);
    }

    /** Whether the entry was written anew at that revision. */
    boolean wasRewritten(long entry, long revision) {
        return rewritten.getOrDefault(entry, Set.of()).contains(revision);
    }

    /** Of those behind an entry the one that has waited longest; null: nobody is behind it. */
    @Nullable
    Event behind(long entry) {
        Map.Entry<Long, Event> next = present.higherEntry(entry);
        return next == null ? null : next.getValue();
    }

    boolean stands(long entry) {
        return present.containsKey(entry);
    }

    Collection<Event> standing() {
        return present.values();
    }

    /** What the entry said last; null: nobody saw it. */
    @Nullable
    Terms terms(long entry) {
        Event put = everPut.get(entry);
        return put == null ? null : put.stated();
    }

    /** Since when the entry has had its turn; null: it has not. */
    @Nullable
    Long turn(long entry) {
        return turns.get(entry);
    }

    /** The lease of the entry, as its key tells; 0: nobody saw it. */
    long lease(long entry) {
        Event put = everPut.get(entry);
        String key = put == null ? "" : put.detail();
        if (key.isEmpty()) {
            return 0;
        }
        String last = key.substring(key.lastIndexOf('/') + 1);
        int counter = last.indexOf('.');
        return Long.parseUnsignedLong(counter < 0 ? last : last.substring(0, counter), 16);
    }

    /** The oldest of those that keep a holder with that entry from its turn; null: they are fewer than its limit. */
    @Nullable
    Event before(long entry, Terms holder) {
        Event first = null;
        int count = 0;
        for (Event other : present.headMap(entry).values()) {
            if (other.terms().countsFor(holder)) {
                first = first == null ? other : first;
                count++;
            }
        }
        return count < holder.permits() ? null : first;
    }

    /** The oldest of those before a holder with that entry that it can never hold beside, nor wait behind; null: none. */
    @Nullable
    Event disagreeing(long entry, Terms holder) {
        for (Event other : present.headMap(entry).values()) {
            if (!other.terms().agrees(holder)) {
                return other;
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
