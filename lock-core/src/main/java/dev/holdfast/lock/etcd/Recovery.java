package dev.holdfast.lock.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces a connection: one on which nothing succeeds, so that the locks work again seconds after etcd does; and one whose settings are
 * to change, when etcd has answered with the new ones. Thread-safe. Blocks only on its own thread; at most one attempt at a time, a
 * second apart: a waiter has a pause of its own.
 */
final class Recovery {

    /** The connection in use, and how to put another in its place. */
    interface Seat {

        Connection current();

        Connection open(ConnectionSettings settings);

        /**
         * Puts the fresh one in the place of the old one and disposes of the old one; false if the store was closed meanwhile.
         *
         * @param oldIsWell whether what is under way on the old one will be answered
         */
        boolean replace(Connection old, Connection fresh, boolean oldIsWell);

        void dispose(Connection connection);
    }

    private static final Logger log = LoggerFactory.getLogger(Recovery.class);

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);
    private static final Duration ASK_CURRENT = Duration.ofMillis(500);
    private static final int PROBES = 3;
    private static final Duration PROBE = Duration.ofMillis(500);

    private final Seat seat;
    private final ScheduledExecutorService thread;
    private final AtomicBoolean running = new AtomicBoolean();
    private final AtomicReference<@Nullable OfferedSettings> offered = new AtomicReference<>();
    private volatile long notBefore = System.nanoTime();

    /** Of the thread. */
    private boolean failureLogged;

    private @Nullable Future<?> nextOffer;

    Recovery(Seat seat, ScheduledExecutorService thread) {
        this.seat = seat;
        this.thread = thread;
    }

    /** A request on that connection got no answer. */
    void failed(Connection connection) {
        if (connection == seat.current() && System.nanoTime() - connection.lastAnswer() >= PATIENCE) {
            start();
        }
    }

    /** Connects with these as soon as etcd takes them. Only the last offer counts. */
    void offer(ConnectionSettings settings) {
        offered.set(new OfferedSettings(settings));
        start();
    }

    void start() {
        if (running.compareAndSet(false, true)) {
            schedule();
        }
    }

    private void schedule() {
        try {
            thread.schedule(this::run, Math.max(0, notBefore - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            running.set(false);
        }
    }

    private void run() {
        boolean well = false;
        try {
            well = attempt();
        } catch (RuntimeException | Error failure) {
            if (!failureLogged) {
                failureLogged = true;
                log.warn(
                        "A new connection to {} could not be made; trying again every few seconds",
                        seat.current(),
                        failure);
            }
        } catch (InterruptedException closed) {
            well = true;
        }
        if (well) {
            running.set(false);
            scheduleOffer();
        } else {
            schedule();
        }
    }

    /** Also finds an offer that came when the attempt was over but still counted as running. */
    private void scheduleOffer() {
        if (nextOffer != null) {
            nextOffer.cancel(false);
            nextOffer = null;
        }
        OfferedSettings offer = offered.get();
        if (offer != null) {
            try {
                nextOffer = thread.schedule(this::start, offer.pause(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException closed) {
                // nobody is left to connect
            }
        }
    }

    /** Whether the connection in use is good now. */
    private boolean attempt() throws InterruptedException {
        long started = System.nanoTime();
        notBefore = started + INTERVAL;
        Connection old = seat.current();
        // What led here may be a request held up for long on a connection that is good again.
        boolean oldIsWell = answers(() -> old.probe(ASK_CURRENT), old, ASK_CURRENT, started);
        OfferedSettings offer = offered.get();
        // Without the old connection, whatever may work is worth trying.
        if (offer != null && (!oldIsWell || offer.pause() <= 0) && take(offer, old, oldIsWell)) {
            return true;
        }
        return oldIsWell || replaceDead(old, started);
    }

    private boolean replaceDead(Connection old, long started) throws InterruptedException {
        Connection fresh = seat.open(old.settings());
        boolean reached = false;
        try {
            // Several, since the first member to accept the connection may be the one that is cut off.
            for (int i = 0; i < PROBES && !reached; i++) {
                long sent = System.nanoTime();
                reached = answers(() -> fresh.probe(PROBE), fresh, PROBE, started);
                if (!reached && System.nanoTime() - sent < PROBE.toNanos() / 2) {
                    break; // refused at once; gRPC does not try again this soon
                }
            }
            boolean oldIsBack = old.lastAnswer() - started > 0;
            reached = reached && !oldIsBack && seat.replace(old, fresh, false);
            if (reached) {
                failureLogged = false;
                log.info("Replaced the connection to {}: the old one got no answers", fresh);
            }
            return reached || oldIsBack;
        } finally {
            if (!reached) {
                seat.dispose(fresh);
            }
        }
    }

    /** Whether the offered settings are in use now. Only a success counts: what etcd refuses to them it may not refuse to the old ones. */
    private boolean take(OfferedSettings offer, Connection old, boolean oldIsWell) throws InterruptedException {
        Connection fresh = null;
        boolean taken = false;
        try {
            fresh = seat.open(offer.settings());
            prove(fresh);
            taken = seat.replace(old, fresh, oldIsWell);
            if (taken) {
                log.info("The connection to {} uses the new certificates", fresh);
            }
            offered.compareAndSet(offer, null);
        } catch (ExecutionException | TimeoutException | RuntimeException refused) {
            offer.refused(refused);
        } finally {
            if (fresh != null && !taken) {
                seat.dispose(fresh);
            }
        }
        return taken;
    }

    private static void prove(Connection fresh) throws InterruptedException, ExecutionException, TimeoutException {
        for (int probe = 1; ; probe++) {
            long sent = System.nanoTime();
            try {
                fresh.probe(PROBE).get(PROBE.toMillis() + 250, TimeUnit.MILLISECONDS);
                return;
            } catch (ExecutionException | TimeoutException failed) {
                if (probe == PROBES || System.nanoTime() - sent < PROBE.toNanos() / 2) {
                    throw failed;
                }
            }
        }
    }

    private static boolean answers(
            Supplier<CompletableFuture<?>> probe, Connection connection, Duration timeout, long since)
            throws InterruptedException {
        try {
            probe.get().get(timeout.toMillis() + 250, TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException failed) {
            log.debug("No answer from {}: {}", connection, failed.toString());
            // An error is an answer too, if a server gave it.
            return connection.lastAnswer() - since > 0;
        }
    }
}
