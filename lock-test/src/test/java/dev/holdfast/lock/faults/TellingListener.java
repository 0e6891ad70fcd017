package dev.holdfast.lock.faults;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.history.Event.Kind;
import java.time.Duration;

/** Writes down what the registry tells of holds and sessions. */
final class TellingListener implements LockListener {

    private final EventLog log;
    private final HoldNumbers holds;

    TellingListener(EventLog log, HoldNumbers holds) {
        this.log = log;
        this.holds = holds;
    }

    @Override
    public void acquired(LockHandle handle, LockOptions options, Duration waited) {
        told(Kind.TOLD_ACQUIRED, handle, "");
    }

    @Override
    public void released(LockHandle handle, LockOptions options, Duration held) {
        told(Kind.TOLD_RELEASED, handle, "");
    }

    @Override
    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
        told(Kind.TOLD_LOST, handle, loss.reason().name());
    }

    @Override
    public void sessionChanged(RegistryStatus.Session session) {
        if (session.state() == RegistryStatus.State.EXPIRED || session.state() == RegistryStatus.State.CLOSED) {
            log.write(
                    System.nanoTime(),
                    Kind.SESSION_ENDED,
                    "",
                    0,
                    Long.parseUnsignedLong(session.lease(), 16),
                    session.state().name());
        }
    }

    private void told(Kind kind, LockHandle handle, String detail) {
        holds.write(System.nanoTime(), kind, handle, 0, detail);
    }
}
