package dev.holdfast.sample.trial;

import dev.holdfast.sample.BoxOffice;
import dev.holdfast.sample.Event;
import dev.holdfast.sample.Order;
import dev.holdfast.sample.SampleProperties;
import dev.holdfast.sample.Ticket;
import dev.holdfast.sample.journal.Happening;
import dev.holdfast.sample.journal.Journal;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** The buttons of the page. All are refused unless {@code sample.page.controls} is on. */
@RestController
@RequestMapping("/trial")
class TrialController {

    private static final int SEATS = 80;
    private static final int PRICE = 4000;

    private final BoxOffice boxOffice;
    private final Hammer hammer;
    private final TillJob till;
    private final Journal journal;
    private final SampleProperties properties;

    TrialController(BoxOffice boxOffice, Hammer hammer, TillJob till, Journal journal, SampleProperties properties) {
        this.boxOffice = boxOffice;
        this.hammer = hammer;
        this.till = till;
        this.journal = journal;
        this.properties = properties;
    }

    /** What was begun, for people. */
    record Begun(String text) {}

    /** Before each of the others. */
    @ModelAttribute
    void ensureOn() {
        if (!properties.page().controls()) {
            throw new ResponseStatusException(
                    HttpStatus.FORBIDDEN,
                    "The buttons are off. sample.page.controls=true turns them on; they can crash and freeze this process.");
        }
    }

    @PostMapping("/events")
    @ResponseStatus(HttpStatus.CREATED)
    Event putOnSale(@RequestParam boolean locked) {
        return boxOffice.putOnSale(locked ? "Concert, with the lock" : "Concert, without the lock", SEATS, PRICE);
    }

    @PostMapping("/bookings")
    @ResponseStatus(HttpStatus.CREATED)
    Ticket book(@RequestParam long event) throws InterruptedException {
        Ticket ticket = boxOffice.sell(new Order(event, "visitor", properties.paymentTime()));
        journal.add(
                Happening.Kind.SOLD,
                "booking:event:" + event,
                "Sold a ticket of event " + event + " with token " + ticket.fence() + " after a wait of "
                        + ticket.waitedMillis() + " ms for the lock.");
        return ticket;
    }

    @PostMapping("/hammer")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Begun hammer(@RequestParam long event, @RequestParam boolean locked) {
        if (!hammer.start(boxOffice.event(event), locked)) {
            throw new ResponseStatusException(HttpStatus.CONFLICT, "The customers are still at it; wait some seconds.");
        }
        return new Begun("Customers rush in for " + properties.page().hammer().toSeconds() + " s.");
    }

    @PostMapping("/crash")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Begun crash() {
        return begin(
                token -> {
                    journal.add(Happening.Kind.CRASH, Till.LOCK, "Crashes" + holding(token));
                    Runtime.getRuntime().halt(1);
                },
                "Crashes as soon as it holds '" + Till.LOCK + "'.");
    }

    @PostMapping("/freeze")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Begun freeze() {
        Freeze.obstacle().ifPresent(obstacle -> {
            throw new ResponseStatusException(HttpStatus.NOT_IMPLEMENTED, obstacle);
        });
        String length = properties.page().freeze().toSeconds() + " s";
        return begin(
                token -> {
                    journal.add(Happening.Kind.FREEZE, Till.LOCK, "Freezes for " + length + holding(token));
                    Freeze.start(properties.page().freeze());
                },
                "Freezes for " + length + " as soon as it holds '" + Till.LOCK + "'.");
    }

    private Begun begin(TillJob.Interlude interlude, String text) {
        if (!till.atNextTurn(interlude)) {
            throw new ResponseStatusException(
                    HttpStatus.CONFLICT, "Something is about to happen to this instance already.");
        }
        return new Begun(text);
    }

    private String holding(long token) {
        return ", holding '" + Till.LOCK + "' with token " + token + ". The others wait for the TTL of "
                + properties.booking().ttl().toSeconds() + " s.";
    }
}
