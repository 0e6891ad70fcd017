package dev.holdfast.sample.journal;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import java.time.Duration;
import java.util.Locale;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Writes down each lock that this instance loses, as it is told of it. */
@Component
class LossJournal implements LockListener {

    // Not the journal itself: listeners are made before what they listen to, and that before much else.
    private final ObjectProvider<Journal> journal;

    LossJournal(ObjectProvider<Journal> journal) {
        this.journal = journal;
    }

    @Override
    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
        if (loss.reason() == LockLoss.Reason.CLOSED) {
            return; // an ordinary end, with the database closing too
        }
        String words = String.format(
                Locale.ROOT,
                "Lost '%s' (%s: %s), taken %.1f s ago%s.",
                loss.name(),
                loss.reason().tag(),
                loss.detail(),
                held.toMillis() / 1000.0,
                loss.fencingToken() == 0 ? "" : " with token " + loss.fencingToken());
        journal.getObject().add(Happening.Kind.LOST, loss.name(), words);
    }
}
