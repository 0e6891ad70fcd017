package dev.holdfast.lock;

/**
 * One term of a leader: a hold of the election, so {@link #isHeld()} says whether it leads, {@link #fencingToken()} is the term and
 * {@link #release()} resigns.
 */
public interface Leadership extends LockHandle {

    /** What this leader says of itself. */
    String value();

    /**
     * Says something else of itself for the rest of the term; observers are told. Waits for etcd's answer, at most the request
     * timeout; not aborted by an interrupt.
     *
     * @throws LockLostException if leadership was lost
     * @throws IllegalStateException if it has resigned
     * @throws LockUnavailableException if etcd did not answer in time or refused; it still leads if {@link #isHeld()} says so, and the
     *     new value may appear later, but not over one said after it
     */
    void proclaim(String value);
}
