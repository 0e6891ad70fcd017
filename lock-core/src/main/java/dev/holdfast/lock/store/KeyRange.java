package dev.holdfast.lock.store;

/**
 * One key, or all keys that start with a text.
 *
 * @param key the key or its first part
 * @param prefix whether all keys that start with {@code key} are meant
 */
public record KeyRange(String key, boolean prefix) {

    public KeyRange {
        if (key.isEmpty()) {
            throw new IllegalArgumentException("A range needs a key or a first part of one");
        }
    }

    public static KeyRange single(String key) {
        return new KeyRange(key, false);
    }

    public static KeyRange prefix(String prefix) {
        return new KeyRange(prefix, true);
    }

    public boolean contains(String other) {
        return prefix ? other.startsWith(key) : other.equals(key);
    }
}
