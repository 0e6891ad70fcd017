package dev.holdfast.lock.engine;

import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What hangs on a session: its entries, and the guards of the names that were in doubt. Thread-safe. */
final class SessionEntries {

    /** By key, from before an entry is sent until it is known to be gone. */
    private final Map<String, QueueEntry> entries = new ConcurrentHashMap<>();

    /** Mod revisions of guards; a name not listed has none. */
    private final Map<String, Long> guards = new ConcurrentHashMap<>();

    void add(QueueEntry entry) {
        entries.put(entry.key(), entry);
    }

    void remove(QueueEntry entry) {
        entries.remove(entry.key(), entry);
    }

    @Nullable
    QueueEntry get(String key) {
        return entries.get(key);
    }

    Set<Map.Entry<String, QueueEntry>> byKey() {
        return entries.entrySet();
    }

    Collection<QueueEntry> all() {
        return entries.values();
    }

    int size() {
        return entries.size();
    }

    void clear() {
        entries.clear();
    }

    /** Completes when none of them needs the lease any more to keep others out for a hold's {@code holdAtLeast}. */
    CompletableFuture<Void> kept() {
        return CompletableFuture.allOf(entries.values().stream()
                .map(QueueEntry::keeping)
                .filter(Objects::nonNull)
                .toArray(CompletableFuture[]::new));
    }

    int held() {
        return (int) entries.values().stream().filter(QueueEntry::held).count();
    }

    int guards() {
        return guards.size();
    }

    long guardRevision(String name) {
        return guards.getOrDefault(name, 0L);
    }

    void guardRevision(String name, long revision) {
        guards.put(name, revision);
    }
}
