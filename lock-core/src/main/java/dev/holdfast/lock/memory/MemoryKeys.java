package dev.holdfast.lock.memory;

import dev.holdfast.lock.store.Compare;
import dev.holdfast.lock.store.KeyChange;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.OpResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The keys of the model and their revisions. Guarded by the server's lock. */
final class MemoryKeys {

    private final NavigableMap<String, KeyValue> keys = new TreeMap<>(MemoryKeys::byCodePoints);

    /** As a new etcd: the first write has revision 2. */
    private long revision = 1;

    long revision() {
        return revision;
    }

    void revision(long revision) {
        this.revision = revision;
    }

    @Nullable
    KeyValue get(String key) {
        return keys.get(key);
    }

    void put(String key, String value, long leaseId, long at) {
        KeyValue before = keys.get(key);
        keys.put(key, new KeyValue(key, value, before == null ? at : before.createRevision(), at, leaseId));
    }

    boolean delete(String key) {
        return keys.remove(key) != null;
    }

    /** The order of the bytes of UTF-8, which is etcd's. */
    static int byCodePoints(String a, String b) {
        int shorter = Math.min(a.length(), b.length());
        for (int i = 0; i < shorter; i++) {
            char first = a.charAt(i);
            char second = b.charAt(i);
            if (first != second) {
                // Half a pair stands for a code point above all single ones.
                boolean apart = Character.isSurrogate(first) != Character.isSurrogate(second);
                return apart ? (Character.isSurrogate(first) ? 1 : -1) : Character.compare(first, second);
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** Deletes the keys at one new revision, if any of them exists. */
    List<KeyChange> deleteAll(Collection<String> gone) {
        List<KeyChange> changes = new ArrayList<>();
        for (String key : gone) {
            if (delete(key)) {
                changes.add(new KeyChange(key, true, revision + 1));
            }
        }
        if (!changes.isEmpty()) {
            revision++;
        }
        return changes;
    }

    List<KeyValue> in(KeyRange range) {
        if (!range.prefix()) {
            KeyValue found = keys.get(range.key());
            return found == null ? List.of() : List.of(found);
        }
        List<KeyValue> found = new ArrayList<>();
        for (KeyValue value : keys.tailMap(range.key(), true).values()) {
            if (!value.key().startsWith(range.key())) {
                break;
            }
            found.add(value);
        }
        return found;
    }

    boolean holds(Compare condition) {
        List<KeyValue> found = in(condition.range());
        if (condition instanceof Compare.OfValue value) {
            return !found.isEmpty() && found.stream().allMatch(key -> compare(value, key.value()));
        }
        Compare.OfRevision revision = (Compare.OfRevision) condition;
        if (found.isEmpty()) {
            return compare(revision, 0);
        }
        return found.stream()
                .allMatch(key -> compare(
                        revision,
                        revision.target() == Compare.Target.CREATE_REVISION
                                ? key.createRevision()
                                : key.modRevision()));
    }

    OpResult.Keys read(Op.Get get) {
        Comparator<KeyValue> oldestFirst = Comparator.comparingLong(KeyValue::createRevision);
        List<KeyValue> found = in(get.range()).stream()
                .filter(key -> get.maxCreateRevision() == 0 || key.createRevision() <= get.maxCreateRevision())
                .sorted(get.order() == Op.Order.OLDEST_FIRST ? oldestFirst : oldestFirst.reversed())
                .map(key -> get.keysOnly()
                        ? new KeyValue(key.key(), "", key.createRevision(), key.modRevision(), key.leaseId())
                        : key)
                .toList();
        boolean more = get.limit() > 0 && found.size() > get.limit();
        return new OpResult.Keys(more ? found.subList(0, get.limit()) : found, more);
    }

    OpResult.Keys read(Op.Page page) {
        List<KeyValue> found = new ArrayList<>();
        for (KeyValue value : keys.tailMap(page.from(), true).values()) {
            if (!value.key().startsWith(page.prefix())) {
                break;
            }
            if (found.size() == page.limit()) {
                return new OpResult.Keys(found, true);
            }
            found.add(value);
        }
        return new OpResult.Keys(found, false);
    }

    private static boolean compare(Compare.OfValue condition, String actual) {
        return actual.startsWith(condition.start()) && !actual.equals(condition.start());
    }

    private static boolean compare(Compare.OfRevision condition, long actual) {
        return switch (condition.relation()) {
            case EQUAL -> actual == condition.revision();
            case LESS -> actual < condition.revision();
        };
    }
}
