package dev.holdfast.lock;

/**
 * Told when a candidate is elected and when it leads no more: in turn, one call at a time, on the registry's callback executor. What
 * it throws is logged and ignored. Long work belongs on a thread of its own that asks {@link Leadership#isHeld()}: while {@code elected}
 * runs, {@code revoked} cannot be called.
 */
public interface LeadershipListener {

    /** It leads. Not called for a term that has ended before its turn came. */
    void elected(Leadership leadership);

    /**
     * It leads no more; called once for each {@code elected}. After a loss in time it begins before anybody else can be elected, if the
     * executor and an {@code elected} still running let it begin within the session's margin (500 ms or a tenth of the TTL); a key or
     * lease that somebody else deleted is noticed only afterwards. After {@code resign}, {@code close} and {@code release} the key is
     * deleted only when it has returned; {@link LockRegistry#close()} waits for it half of its own time.
     */
    void revoked(Leadership leadership);
}
