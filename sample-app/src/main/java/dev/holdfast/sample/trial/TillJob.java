package dev.holdfast.sample.trial;

import dev.holdfast.lock.FencedException;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.sample.SampleProperties;
import dev.holdfast.sample.journal.Happening;
import dev.holdfast.sample.journal.Journal;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * A long job that goes round: the instances count the till in turns of some seconds, one at a time, and the holder of the lock writes
 * what it has, again and again. It never asks whether it still holds the lock before it writes, since a process can be paused between
 * the question and the write. The database decides, by the token.
 */
@Component
class TillJob {

    private static final Logger log = LoggerFactory.getLogger(TillJob.class);

    private static final Duration STEP = Duration.ofMillis(500);
    private static final int STEPS = 6;

    /** Of a turn in which something is to happen to the process: until it has. */
    private static final int MANY_STEPS = 60;

    private final LockRegistry locks;
    private final Till till;
    private final Journal journal;
    private final boolean on;
    private final LockOptions options;
    private final AtomicReference<@Nullable Interlude> next = new AtomicReference<>();
    private final Thread thread = new Thread(this::run, "till");

    TillJob(LockRegistry locks, Till till, Journal journal, SampleProperties properties) {
        this.locks = locks;
        this.till = till;
        this.journal = journal;
        this.on = properties.page().controls();
        this.options = locks.defaults()
                .withTtl(properties.booking().ttl())
                .withWaitTime(Duration.ofMinutes(1))
                .withMetricName(Till.LOCK);
        thread.setDaemon(true);
    }

    /** What is to happen to this process while it holds the lock. */
    interface Interlude {

        void begin(long token);
    }

    @EventListener(ApplicationReadyEvent.class)
    void start() {
        if (on) {
            thread.start();
        }
    }

    @EventListener(ContextClosedEvent.class)
    void stop() {
        thread.interrupt();
    }

    /** False if something is to happen already. */
    boolean atNextTurn(Interlude interlude) {
        return next.compareAndSet(null, interlude);
    }

    private void run() {
        try {
            while (true) {
                try (LockHandle hold = locks.lock(Till.LOCK, options).acquire()) {
                    count(hold, hold.fencingToken());
                } catch (LockException | DataAccessException | TransactionException | UncheckedIOException failure) {
                    log.warn("The till was not counted: {}", failure.getMessage());
                    Thread.sleep(STEP.toMillis());
                }
            }
        } catch (InterruptedException | IllegalStateException closing) {
            log.debug("No more turns", closing);
        }
    }

    private void count(LockHandle hold, long token) throws InterruptedException {
        Optional<TillCount> before = till.last();
        till.begin(token);
        before.filter(last -> !last.finished()).ifPresent(last -> tellTakeOver(last, token));
        Interlude interlude = next.getAndSet(null);
        if (interlude != null) {
            interlude.begin(token);
        }
        int steps = interlude == null ? STEPS : MANY_STEPS;
        for (int step = 1; step <= steps; step++) {
            Thread.sleep(STEP.toMillis());
            if (!written(token, step == steps) || !hold.isHeld()) {
                return;
            }
        }
    }

    private boolean written(long token, boolean finished) {
        try {
            till.count(token, finished);
            return true;
        } catch (FencedException refused) {
            journal.add(
                    Happening.Kind.REFUSED,
                    Till.LOCK,
                    "The database refused what was written with token " + token
                            + ": 0 rows updated, since it has seen token " + refused.seen() + " of a later holder.");
            return false;
        }
    }

    private void tellTakeOver(TillCount last, long token) {
        String words = String.format(
                Locale.ROOT,
                "Took '%s' over from %s, which had written %.1f s ago for the last time and never gave it back."
                        + " Token %d, after %d.",
                Till.LOCK,
                last.instance(),
                last.age().toMillis() / 1000.0,
                token,
                last.fence());
        journal.add(Happening.Kind.TAKE_OVER, Till.LOCK, words);
    }
}
