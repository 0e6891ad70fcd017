package dev.holdfast.lock;

/**
 * A resource has seen a greater fencing token, so a later holder of the lock was there: what the former one wanted to write is refused.
 * Its lock is lost, whatever it believes; what it has read may be outdated.
 */
public final class FencedException extends LockException {

    private final long token;
    private final long seen;

    /**
     * @param token of whoever is refused
     * @param seen the greatest token the resource has seen; 0 if that is not known
     */
    public FencedException(String lockName, long token, long seen) {
        super(
                lockName,
                "Lock '" + lockName + "' (fencing token " + token + ") has passed to a later holder"
                        + (seen == 0 ? "" : ", whose token " + seen + " was seen")
                        + "; this write is refused. Stop, or acquire the lock again and start from what is there then",
                null);
        this.token = token;
        this.seen = seen;
    }

    /** Fencing token of whoever is refused. */
    public long token() {
        return token;
    }

    /** The greatest token the resource has seen; 0 if that is not known. */
    public long seen() {
        return seen;
    }
}
