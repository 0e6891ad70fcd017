package dev.holdfast.sample;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.util.Assert;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The service over HTTP. */
@RestController
class TicketController {

    private static final Duration LONGEST_PAYMENT = Duration.ofMinutes(2);

    private final BoxOffice boxOffice;
    private final TicketStore tickets;
    private final SettlementStore settlements;
    private final SampleProperties properties;

    TicketController(
            BoxOffice boxOffice, TicketStore tickets, SettlementStore settlements, SampleProperties properties) {
        this.boxOffice = boxOffice;
        this.tickets = tickets;
        this.settlements = settlements;
        this.properties = properties;
    }

    /** An event to put on sale; {@code price} in cents. */
    record NewEvent(String title, int seats, int price) {

        NewEvent {
            Assert.hasText(title, "title is missing");
            Assert.isTrue(seats > 0 && price >= 0, "seats must be positive, price not negative");
        }
    }

    /** A ticket wanted; {@code paymentMillis} lets the payment take as long as one likes to watch. */
    record NewBooking(String customer, @Nullable Long paymentMillis) {

        NewBooking {
            Assert.hasText(customer, "customer is missing");
        }
    }

    @PostMapping("/events")
    @ResponseStatus(HttpStatus.CREATED)
    EventSummary create(@RequestBody NewEvent event) {
        return new EventSummary(tickets.create(event.title(), event.seats(), event.price()), Sales.NONE);
    }

    @GetMapping("/events/{id}")
    EventSummary event(@PathVariable long id) {
        return new EventSummary(tickets.find(id), tickets.sales(id));
    }

    @PostMapping("/events/{id}/bookings")
    @ResponseStatus(HttpStatus.CREATED)
    Ticket book(
            @PathVariable long id, @RequestParam(defaultValue = "true") boolean locked, @RequestBody NewBooking booking)
            throws InterruptedException {
        Order order = new Order(id, booking.customer(), paymentTime(booking));
        return locked ? boxOffice.sell(order) : boxOffice.sellUnlocked(order);
    }

    @GetMapping("/settlements")
    List<Settlement> settlements() {
        return settlements.latest();
    }

    private Duration paymentTime(NewBooking booking) {
        Long millis = booking.paymentMillis();
        if (millis == null) {
            return properties.paymentTime();
        }
        Assert.isTrue(millis >= 0 && millis <= LONGEST_PAYMENT.toMillis(), "paymentMillis is out of range");
        return Duration.ofMillis(millis);
    }
}
