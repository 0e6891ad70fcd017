package dev.holdfast.sample.trial;

import dev.holdfast.lock.LockException;
import dev.holdfast.sample.BoxOffice;
import dev.holdfast.sample.Event;
import dev.holdfast.sample.Order;
import dev.holdfast.sample.SampleProperties;
import dev.holdfast.sample.SoldOutException;
import dev.holdfast.sample.journal.Happening;
import dev.holdfast.sample.journal.Journal;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Many customers at once who all want a ticket for one event, and ask again and again for some seconds. */
@Component
class Hammer implements DisposableBean {

    private static final int CUSTOMERS = 8;

    /** Whoever was sent away comes again after this. */
    private static final Duration SECOND_THOUGHTS = Duration.ofMillis(250);

    private final BoxOffice boxOffice;
    private final Journal journal;
    private final SampleProperties properties;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final ExecutorService customers = Executors.newFixedThreadPool(CUSTOMERS, task -> {
        Thread thread = new Thread(task, "customer");
        thread.setDaemon(true);
        return thread;
    });

    Hammer(BoxOffice boxOffice, Journal journal, SampleProperties properties) {
        this.boxOffice = boxOffice;
        this.journal = journal;
        this.properties = properties;
    }

    /** False if they are at it already. */
    boolean start(Event event, boolean locked) {
        if (!busy.compareAndSet(false, true)) {
            return false;
        }
        Rush rush = new Rush(
                event.id(),
                locked,
                System.nanoTime() + properties.page().hammer().toNanos());
        for (int i = 0; i < CUSTOMERS; i++) {
            customers.execute(rush);
        }
        return true;
    }

    @Override
    public void destroy() {
        customers.shutdownNow();
    }

    private final class Rush implements Runnable {

        private final long event;
        private final boolean locked;
        private final long end;
        private final AtomicInteger sold = new AtomicInteger();
        private final AtomicInteger sentAway = new AtomicInteger();
        private final AtomicInteger failed = new AtomicInteger();
        private final AtomicInteger present = new AtomicInteger(CUSTOMERS);

        Rush(long event, boolean locked, long end) {
            this.event = event;
            this.locked = locked;
            this.end = end;
        }

        @Override
        public void run() {
            try {
                while (System.nanoTime() - end < 0) {
                    buy();
                }
            } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
            } finally {
                leave();
            }
        }

        private void buy() throws InterruptedException {
            Order order = new Order(event, "customer", properties.paymentTime());
            try {
                if (locked) {
                    boxOffice.sell(order);
                } else {
                    boxOffice.sellUnlocked(order);
                }
                sold.incrementAndGet();
            } catch (SoldOutException noSeatLeft) {
                sentAway.incrementAndGet();
                Thread.sleep(SECOND_THOUGHTS.toMillis());
            } catch (LockException | DataAccessException | TransactionException failure) {
                failed.incrementAndGet();
                Thread.sleep(SECOND_THOUGHTS.toMillis());
            }
        }

        private void leave() {
            if (present.decrementAndGet() > 0) {
                return;
            }
            busy.set(false);
            journal.add(
                    Happening.Kind.SOLD,
                    locked ? "booking:event:" + event : "",
                    "Sold " + sold + " tickets of event " + event + (locked ? " with" : " without") + " the lock; "
                            + sentAway + " times \"sold out\", " + failed + " failed.");
        }
    }
}
