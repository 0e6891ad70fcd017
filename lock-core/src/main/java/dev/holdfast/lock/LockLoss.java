package dev.holdfast.lock;

/**
 * How a hold came to be lost.
 *
 * @param name name of the lock
 * @param fencingToken token of the hold; 0 if it was never drawn, see {@link LockHandle#fencingToken()}
 * @param reason what happened
 * @param detail the same for people, in a sentence
 */
public record LockLoss(String name, long fencingToken, Reason reason, String detail) {

    /** What ended the hold. {@link #tag()} is its value in metrics. */
    public enum Reason {
        /** No renewal reached etcd in time; the local deadline passed. */
        EXPIRED,
        /** etcd said that the lease has ended, by revocation or expiry. */
        LEASE_GONE,
        /** Somebody deleted or replaced the key. */
        KEY_DELETED,
        /** The answers come from another cluster, or from one that was restored from a backup. */
        CLUSTER_CHANGED,
        /** It was held as long as {@link LockOptions#maxHold()} allows. */
        MAX_HOLD,
        /** The registry was closed while the lock was held. */
        CLOSED;

        public String tag() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }
}
