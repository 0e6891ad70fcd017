package dev.holdfast.lock;

/** The lock, or the place in its queue, was lost. Nothing is held; what was done under the lock must be regarded as unprotected. */
public final class LockLostException extends LockException {

    private final LockLoss loss;

    public LockLostException(LockLoss loss) {
        super(
                loss.name(),
                "Lock '" + loss.name() + "'"
                        + (loss.fencingToken() == 0 ? "" : " (fencing token " + loss.fencingToken() + ")")
                        + " was lost: " + loss.detail()
                        + "; stop what it protects, or check the token where it writes",
                null);
        this.loss = loss;
    }

    public LockLoss loss() {
        return loss;
    }
}
