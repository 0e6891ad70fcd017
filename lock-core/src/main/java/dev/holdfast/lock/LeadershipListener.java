package dev.holdfast.lock;

/**
 * Told when a candidate is elected and when it leads no more: in turn, one call at a time, on the registry's callback executor. What
 * it throws is logged and ignored. Long work belongs on a thread of its own that asks {@link Leadership#isHeld()}.
 */
public interface LeadershipListener {

    /** It leads from now on. */
    void elected(Leadership leadership);

    /**
     * It leads no more. After a loss this is called before anybody else can be elected, if it is called within the session's margin
     * (500 ms or a tenth of the TTL); after {@code resign} and {@code close} the key is deleted only when it has returned.
     */
    void revoked(Leadership leadership);
}
