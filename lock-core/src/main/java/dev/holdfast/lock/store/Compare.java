package dev.holdfast.lock.store;

/**
 * A condition of a transaction: a revision of a key, or of every key of a range. A key that does not exist counts as revision 0; an
 * empty range fulfils the condition if 0 does.
 */
public record Compare(KeyRange range, Target target, Relation relation, long revision) {

    /** Which revision is compared. */
    public enum Target {
        CREATE_REVISION,
        MOD_REVISION
    }

    /** How the key's revision must relate to the given one. */
    public enum Relation {
        EQUAL,
        LESS
    }

    public static Compare absent(KeyRange range) {
        return new Compare(range, Target.CREATE_REVISION, Relation.EQUAL, 0);
    }

    public static Compare createdAt(String key, long revision) {
        return new Compare(KeyRange.single(key), Target.CREATE_REVISION, Relation.EQUAL, revision);
    }

    public static Compare modifiedAt(String key, long revision) {
        return new Compare(KeyRange.single(key), Target.MOD_REVISION, Relation.EQUAL, revision);
    }

    /** Nothing in the range was put after that revision; deletions do not count. */
    public static Compare unchangedSince(KeyRange range, long revision) {
        return new Compare(range, Target.MOD_REVISION, Relation.LESS, revision + 1);
    }
}
