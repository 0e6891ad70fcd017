package dev.holdfast.lock;

/**
 * One term of a leader: a hold of the election, so {@link #isHeld()} says whether it leads, {@link #fencingToken()} is the term and
 * {@link #release()} resigns.
 */
public interface Leadership extends LockHandle {

    /** What this leader says of itself. */
    String value();

    /**
     * Says something else of itself from now on; observers are told. Waits for etcd's answer.
     *
     * @throws LockLostException if leadership was lost
     * @throws IllegalStateException if it has resigned
     * @throws LockUnavailableException if etcd did not answer in time; the new value may appear later
     */
    void proclaim(String value);
}
