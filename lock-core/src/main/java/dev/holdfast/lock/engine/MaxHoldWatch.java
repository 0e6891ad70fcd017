package dev.holdfast.lock.engine;

import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells a hold that its {@code maxHold} has passed, and gives its holder a margin to stop before the entry is removed and others come in.
 * The margin counts from the telling, so that a process that was stopped has it too. Events run in the name's mailbox.
 */
final class MaxHoldWatch {

    /** Pays for the way to the listeners, as the tenth of a short time would not. */
    private static final Duration SHORTEST_MARGIN = Duration.ofMillis(100);

    private final EngineContext context;
    private final Mailbox mailbox;
    private final Duration longestMargin;
    private final Consumer<Hold> onMarginOver;
    private TimeSource.@Nullable Timer timer;
    private boolean passed;
    private boolean stopped;

    MaxHoldWatch(EngineContext context, Mailbox mailbox, Duration longestMargin, Consumer<Hold> onMarginOver) {
        this.context = context;
        this.mailbox = mailbox;
        this.longestMargin = longestMargin;
        this.onMarginOver = onMarginOver;
    }

    /** At the grant, after each extension, when the time has come, and when somebody else saw that it has. */
    void look(Hold hold) {
        if (passed || stopped) {
            return;
        }
        cancel();
        if (hold.outlived()) {
            passed = true;
            timer = context.after(margin(hold.caps().maxHold()), mailbox, () -> onMarginOver.accept(hold));
        } else if (hold.caps().left().compareTo(HoldCaps.UNLIMITED) < 0) {
            timer = context.after(hold.caps().left(), mailbox, () -> {
                // Of a hold that became another, whose time is looked at by itself.
                if (!hold.ended()) {
                    look(hold);
                }
            });
        }
    }

    /** For good: a timer that has fired may have its event still to come. */
    void stop() {
        stopped = true;
        cancel();
    }

    private void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private Duration margin(Duration maxHold) {
        Duration tenth = maxHold.dividedBy(10);
        Duration margin = tenth.compareTo(SHORTEST_MARGIN) < 0 ? SHORTEST_MARGIN : tenth;
        return margin.compareTo(longestMargin) < 0 ? margin : longestMargin;
    }
}
