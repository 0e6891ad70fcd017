package dev.holdfast.lock.engine;

import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Tells a hold that its {@code maxHold} has passed, and gives its holder a margin to stop before the entry is removed and others come in.
 * The margin counts from the telling, so that a process that was stopped has it too. Events run in the name's mailbox.
 */
final class MaxHoldWatch {

    private final EngineContext context;
    private final Mailbox mailbox;
    private final Duration longestMargin;
    private final Runnable onMarginOver;
    private TimeSource.@Nullable Timer timer;
    private boolean passed;

    MaxHoldWatch(EngineContext context, Mailbox mailbox, Duration longestMargin, Runnable onMarginOver) {
        this.context = context;
        this.mailbox = mailbox;
        this.longestMargin = longestMargin;
        this.onMarginOver = onMarginOver;
    }

    /** At the grant, after each extension, when the time has come, and when somebody else saw that it has. */
    void look(Hold hold) {
        if (passed) {
            return;
        }
        stop();
        if (hold.outlived()) {
            passed = true;
            timer = context.after(margin(hold.caps().maxHold()), mailbox, onMarginOver);
        } else if (hold.caps().left().compareTo(HoldCaps.UNLIMITED) < 0) {
            timer = context.after(hold.caps().left(), mailbox, () -> look(hold));
        }
    }

    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private Duration margin(Duration maxHold) {
        Duration tenth = maxHold.dividedBy(10);
        return tenth.compareTo(longestMargin) < 0 ? tenth : longestMargin;
    }
}
