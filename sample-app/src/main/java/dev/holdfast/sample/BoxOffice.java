package dev.holdfast.sample;

import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.LockContext;
import java.time.Duration;
import java.util.UUID;
import org.springframework.stereotype.Service;

/**
 * Sells tickets, one way with the lock and one without. Both look how many seats are left, settle the price, have the payment
 * authorised, and then write the ticket; what differs is whether anybody else can sell in between.
 */
@Service
public class BoxOffice {

    private final TicketStore store;
    private final PaymentProvider payments;
    private final String instance;

    BoxOffice(TicketStore store, PaymentProvider payments, SampleProperties properties) {
        this.store = store;
        this.payments = payments;
        this.instance = properties.instance();
    }

    /** An event without tickets sold; {@code price} in cents. */
    public Event putOnSale(String title, int seats, int price) {
        return store.create(title, seats, price);
    }

    /** Fails if there is none of that number. */
    public Event event(long id) {
        return store.find(id);
    }

    /** Right as long as one customer comes at a time. */
    public Ticket sellUnlocked(Order order) throws InterruptedException {
        Ticket ticket = prepare(order, 0);
        store.add(ticket);
        return ticket;
    }

    /** One sale per event at a time, over all instances; other events are sold meanwhile. */
    @DistributedLock(
            name = "booking",
            key = "'event:' + #order.eventId",
            ttl = "${sample.booking.ttl}",
            waitTime = "${sample.booking.wait-time}")
    public Ticket sell(Order order) throws InterruptedException {
        Ticket ticket = prepare(order, LockContext.current().fencingToken());
        store.addFenced(ticket);
        return ticket;
    }

    private Ticket prepare(Order order, long fence) throws InterruptedException {
        Duration waited = Duration.ofNanos(System.nanoTime() - order.asked());
        Event event = store.find(order.eventId());
        int sold = store.sales(event.id()).sold();
        if (sold >= event.seats()) {
            throw new SoldOutException(event);
        }
        int price = Pricing.price(event, sold);
        payments.authorise(order.customer(), price, order.paymentTime());
        return new Ticket(
                UUID.randomUUID().toString(), event.id(), order.customer(), price, instance, fence, waited.toMillis());
    }
}
