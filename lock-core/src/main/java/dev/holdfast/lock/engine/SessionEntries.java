package dev.holdfast.lock.engine;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What hangs on a session: its entries, and the guards of the names that were in doubt. Thread-safe. */
final class SessionEntries {

    private static final int MOST_NAMED = 5;

    /** By key, each of those with several names by each of its keys; from before an entry is sent until it is known to be gone. */
    private final Map<String, QueueEntry> entries = new ConcurrentHashMap<>();

    /** Mod revisions of guards by their keys; one not listed does not exist. */
    private final Map<String, Long> guards = new ConcurrentHashMap<>();

    void add(QueueEntry entry) {
        entry.keys().forEach(key -> entries.put(key, entry));
    }

    void remove(QueueEntry entry) {
        entry.keys().forEach(key -> entries.remove(key, entry));
    }

    @Nullable
    QueueEntry get(String key) {
        return entries.get(key);
    }

    Set<Map.Entry<String, QueueEntry>> byKey() {
        return entries.entrySet();
    }

    /** Each once, as they are at the moment. */
    Set<QueueEntry> all() {
        return new LinkedHashSet<>(entries.values());
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
        return (int)
                entries.values().stream().filter(QueueEntry::held).distinct().count();
    }

    static boolean lockless(Set<QueueEntry> entries) {
        return entries.stream().allMatch(entry -> entry.holder() == null);
    }

    /** What of them is held, for people: how many locks, some of them with their holders, and how many requests without one. */
    static String description(Set<QueueEntry> entries) {
        int locks = 0;
        int waits = 0;
        StringJoiner named = new StringJoiner(", ");
        for (QueueEntry entry : entries) {
            String holder = entry.holder();
            if (holder == null) {
                waits++;
            } else if (locks++ < MOST_NAMED) {
                named.add(holder);
            }
        }
        String more = locks > MOST_NAMED ? " and " + (locks - MOST_NAMED) + " more" : "";
        return (locks == 0 ? "no locks" : (locks == 1 ? "1 lock: " : locks + " locks: ") + named + more)
                + (waits == 0 ? "" : "; " + waits + " requests waiting");
    }

    int guards() {
        return guards.size();
    }

    long guardRevision(String guard) {
        return guards.getOrDefault(guard, 0L);
    }

    void guardRevision(String guard, long revision) {
        guards.put(guard, revision);
    }
}
