package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockHandle;

/** What a handle does not tell: the way of those who judge histories to the engine's {@link Hold}. Thread-safe. */
public final class HoldOf {

    private HoldOf() {}

    /** The same object for all handles of one hold; a read hold that was a write hold is another. */
    public static Object identity(LockHandle handle) {
        return hold(handle);
    }

    /** Create revision of the entry by which it is held. */
    public static long entry(LockHandle handle) {
        return hold(handle).entryCreatedAt();
    }

    /** The fencing token as far as there is one; 0: it is not drawn. */
    public static long token(LockHandle handle) {
        return hold(handle).tokenSoFar();
    }

    private static Hold hold(LockHandle handle) {
        return handle instanceof Term term ? term.hold() : (Hold) handle;
    }
}
