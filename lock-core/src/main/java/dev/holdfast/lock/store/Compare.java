package dev.holdfast.lock.store;

/** A condition of a transaction, on a key or on every key of a range. */
public sealed interface Compare {

    KeyRange range();

    /** A revision. A key that does not exist counts as revision 0; an empty range fulfils the condition if 0 does. */
    record OfRevision(KeyRange range, Target target, Relation relation, long revision) implements Compare {}

    /**
     * The first part of the value, compared by the bytes of UTF-8. An empty range does not fulfil the condition, and neither does a
     * value that is the text and nothing more: etcd can compare with "greater", but not with "greater or equal". To etcd these are
     * two conditions, and they count as two against its limit of operations.
     *
     * @param start not empty
     */
    record OfValue(KeyRange range, String start) implements Compare {

        public OfValue {
            if (start.isEmpty()) {
                throw new IllegalArgumentException("A condition on values needs a text that they start with");
            }
        }
    }

    /** Which revision is compared. */
    enum Target {
        CREATE_REVISION,
        MOD_REVISION
    }

    /** How the key's revision must relate to the given one. */
    enum Relation {
        EQUAL,
        LESS
    }

    static Compare absent(KeyRange range) {
        return new OfRevision(range, Target.CREATE_REVISION, Relation.EQUAL, 0);
    }

    static Compare createdAt(String key, long revision) {
        return new OfRevision(KeyRange.single(key), Target.CREATE_REVISION, Relation.EQUAL, revision);
    }

    static Compare modifiedAt(String key, long revision) {
        return new OfRevision(KeyRange.single(key), Target.MOD_REVISION, Relation.EQUAL, revision);
    }

    /** Nothing in the range was put after that revision; deletions do not count. */
    static Compare unchangedSince(KeyRange range, long revision) {
        return new OfRevision(range, Target.MOD_REVISION, Relation.LESS, revision + 1);
    }

    /** The range has keys, and the value of each is that text and something more. Counts as two conditions. */
    static Compare valuesStartWith(KeyRange range, String start) {
        return new OfValue(range, start);
    }
}
