package dev.holdfast.sample.page;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The greatest tokens that the database has seen, by lock and instance. */
final class Tokens {

    private final Map<String, Long> greatest = new HashMap<>();

    void add(String lock, String instance, long token) {
        greatest.merge(key(lock, instance), token, Math::max);
    }

    /**
     * The token of an entry, if its instance has written with it. A token that is not smaller than the place of the entry was drawn
     * after the instance queued there, so it is none of an earlier hold of its own.
     */
    @Nullable
    Long find(String lock, @Nullable String instance, long place) {
        Long token = instance == null ? null : greatest.get(key(lock, instance));
        return token == null || token < place ? null : token;
    }

    private static String key(String lock, String instance) {
        return lock + '\n' + instance;
    }
}
