package dev.holdfast.lock.engine;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the events of one actor one at a time and in order, on whichever thread brings them; nobody ever waits. What only events touch
 * needs no other guard. An event that brings another (also by a call that answers at once) has it run after itself, not inside.
 */
final class Mailbox {

    private static final Logger log = LoggerFactory.getLogger(Mailbox.class);

    /** Stands for: an event runs, and none waits. */
    private static final Waiting NONE = new Waiting(() -> {});

    /** Null: nothing runs. One word for everything, since there are as many mailboxes as names in use. */
    private final AtomicReference<@Nullable Waiting> newest = new AtomicReference<>();

    /** Linked from the newest to the oldest: the order in which they can be added without a lock. */
    private static final class Waiting {

        private final Runnable event;
        private Waiting next = this;

        private Waiting(Runnable event) {
            this.event = event;
        }
    }

    void execute(Runnable event) {
        if (!newest.compareAndSet(null, NONE) && added(new Waiting(event))) {
            return;
        }
        runLogged(event);
        while (!newest.compareAndSet(NONE, null)) {
            for (Waiting next = takeAll(); next != NONE; next = next.next) {
                runLogged(next.event);
            }
        }
    }

    /** False if nothing ran any more, and so it is the caller who runs events now. */
    private boolean added(Waiting last) {
        while (true) {
            Waiting seen = newest.get();
            last.next = seen == null ? NONE : seen;
            if (newest.compareAndSet(seen, seen == null ? NONE : last)) {
                return seen != null;
            }
        }
    }

    /** Those that wait, from the oldest to the newest. */
    private Waiting takeAll() {
        Waiting oldest = NONE;
        for (Waiting each = Objects.requireNonNull(newest.getAndSet(NONE)); each != NONE; ) {
            Waiting before = each.next;
            each.next = oldest;
            oldest = each;
            each = before;
        }
        return oldest;
    }

    private static void runLogged(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException | Error failure) {
            // One failed event must not stop the actor: its renewals and releases hang on it.
            log.error("An event failed; this is a bug in Holdfast", failure);
        }
    }
}
