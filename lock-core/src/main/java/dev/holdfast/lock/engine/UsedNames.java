package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockPage;
import dev.holdfast.lock.store.KeyValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gathers keys in their order until there are as many names as wanted, each with all its entries. Not thread-safe.
 *
 * <p>All entries of a name start with its directory, so they come one after the other; where names are not encoded, those of names below
 * it can come between.
 */
final class UsedNames {

    private final LockKeys keys;
    private final int limit;

    /** By the part of the keys before the last. */
    private final Map<String, Used> used = new LinkedHashMap<>();

    UsedNames(LockKeys keys, int limit) {
        this.keys = keys;
        this.limit = limit;
    }

    private record Used(String name, List<Place> entries) {}

    /** As little of an entry as counts. */
    private record Place(long createRevision, Kind kind) {}

    /** Takes the key in; false if there are enough names and none of them can have entries from this key on. */
    boolean add(KeyValue key) {
        if (used.size() >= limit && !below(key.key())) {
            return false;
        }
        String directory = key.key().substring(0, key.key().lastIndexOf('/') + 1);
        Used known = used.get(directory);
        if (known == null) {
            known = keys.competingFor(key.key())
                    .map(name -> new Used(name, new ArrayList<>(1)))
                    .orElse(null);
            if (known != null) {
                used.put(directory, known);
            }
        }
        if (known != null && keys.competes(known.name(), key.key())) {
            known.entries().add(new Place(key.createRevision(), Kind.of(key.value())));
        }
        return true;
    }

    /** Whether the key is below one of the names so far. */
    private boolean below(String key) {
        for (int slash = key.lastIndexOf('/'); slash > 0; slash = key.lastIndexOf('/', slash - 1)) {
            if (used.containsKey(key.substring(0, slash + 1))) {
                return true;
            }
        }
        return false;
    }

    List<LockPage.Usage> counted() {
        return used.values().stream().map(UsedNames::counted).toList();
    }

    private static LockPage.Usage counted(Used used) {
        List<Place> oldestFirst = used.entries().stream()
                .sorted(Comparator.comparingLong(Place::createRevision))
                .toList();
        QueueOrder order = new QueueOrder();
        int holders = 0;
        for (Place place : oldestFirst) {
            holders += order.holds(place.kind()) ? 1 : 0;
        }
        Kind kind = oldestFirst.get(0).kind();
        return new LockPage.Usage(used.name(), kind.told(), kind.permits(), holders, oldestFirst.size() - holders);
    }
}
