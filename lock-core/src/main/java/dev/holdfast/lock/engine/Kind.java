package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockEntry;

/**
 * What an entry wants of its name, and so which entries before it stand in its way. One rule decides for all: an entry holds when those
 * before it that block it are fewer than its limit (docs/design.md, "Kinds").
 *
 * @param permits limit of a semaphore; 1 otherwise
 */
record Kind(Type type, int permits) {

    enum Type {
        /** A plain lock or a write lock; also whatever other programs put. */
        EXCLUSIVE("exclusive", LockEntry.Kind.EXCLUSIVE),
        /** A read lock. */
        SHARED("shared", LockEntry.Kind.SHARED),
        SEMAPHORE("semaphore", LockEntry.Kind.SEMAPHORE);

        private final String tag;
        private final LockEntry.Kind told;

        Type(String tag, LockEntry.Kind told) {
            this.tag = tag;
            this.told = told;
        }
    }

    /** Compared with each value read. */
    private static final String SHARED_START = start(Type.SHARED) + "1,";

    private static final String SEMAPHORE_START = start(Type.SEMAPHORE);

    static final Kind EXCLUSIVE = new Kind(Type.EXCLUSIVE, 1);
    static final Kind SHARED = new Kind(Type.SHARED, 1);

    static Kind semaphore(int permits) {
        return new Kind(Type.SEMAPHORE, permits);
    }

    /** The kind that an entry's value states; whatever does not state one of ours is an exclusive lock. */
    static Kind of(String value) {
        if (value.startsWith(SHARED_START)) {
            return SHARED;
        }
        int end = value.startsWith(SEMAPHORE_START) ? value.indexOf(',', SEMAPHORE_START.length()) : -1;
        if (end < 0) {
            return EXCLUSIVE;
        }
        try {
            return semaphore(Integer.parseInt(value, SEMAPHORE_START.length(), end, 10));
        } catch (NumberFormatException notOurs) {
            return EXCLUSIVE;
        }
    }

    /** With what the value of every entry of this kind starts: the store itself compares it. */
    String valueStart() {
        return start(type) + permits + ",";
    }

    private static String start(Type type) {
        return "{\"kind\":\"" + type.tag + "\",\"permits\":";
    }

    /** As those who inspect a lock are told. */
    LockEntry.Kind told() {
        return type.told;
    }

    boolean isExclusive() {
        return type == Type.EXCLUSIVE;
    }

    boolean isSemaphore() {
        return type == Type.SEMAPHORE;
    }

    boolean blockedBy(Kind before) {
        return type != Type.SHARED || before.type != Type.SHARED;
    }

    /** Whether both can be used on one name: semaphores with the same number only, and all others. */
    boolean agreesWith(Kind other) {
        return isSemaphore() || other.isSemaphore() ? equals(other) : true;
    }

    /** For people. */
    @Override
    public String toString() {
        return switch (type) {
            case EXCLUSIVE -> "an exclusive lock";
            case SHARED -> "a read lock";
            case SEMAPHORE -> "a semaphore of " + permits + (permits == 1 ? " permit" : " permits");
        };
    }
}
