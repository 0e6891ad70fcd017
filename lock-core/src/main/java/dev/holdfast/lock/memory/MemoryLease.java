package dev.holdfast.lock.memory;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A lease of the model. Guarded by the server's lock. */
final class MemoryLease {

    private final long id;
    private final Duration ttl;
    private final Set<String> keys = new TreeSet<>(MemoryKeys::byCodePoints);
    private long expiresAt;

    MemoryLease(long id, Duration ttl, long now) {
        this.id = id;
        this.ttl = ttl;
        renew(now);
    }

    long id() {
        return id;
    }

    Duration ttl() {
        return ttl;
    }

    void renew(long now) {
        expiresAt = now + ttl.toNanos();
    }

    void promote(long now, Duration extension) {
        expiresAt = now + ttl.plus(extension).toNanos();
    }

    boolean expired(long now) {
        return now - expiresAt >= 0;
    }

    Duration remaining(long now) {
        return Duration.ofNanos(Math.max(0, expiresAt - now));
    }

    void attach(String key) {
        keys.add(key);
    }

    void detach(String key) {
        keys.remove(key);
    }

    /** In etcd's order. */
    List<String> keys() {
        return List.copyOf(keys);
    }
}
