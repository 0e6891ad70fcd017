package dev.holdfast.lock.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the events of one actor one at a time and in order, on whichever thread brings them; nobody ever waits. What only events touch
 * needs no other guard. An event that brings another (also by a call that answers at once) has it run after itself, not inside.
 */
final class Mailbox {

    private static final Logger log = LoggerFactory.getLogger(Mailbox.class);

    private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();

    void execute(Runnable event) {
        if (pending.compareAndSet(0, 1)) {
            runLogged(event);
            if (pending.decrementAndGet() != 0) {
                drain();
            }
            return;
        }
        // Added before it is counted, so that whoever sees the count also finds the event.
        events.add(event);
        if (pending.getAndIncrement() == 0) {
            drain();
        }
    }

    private void drain() {
        do {
            Runnable event = events.poll();
            if (event != null) {
                runLogged(event);
            }
        } while (pending.decrementAndGet() != 0);
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
