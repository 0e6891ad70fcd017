package dev.holdfast.sample;

/**
 * How an event sells.
 *
 * @param oversold tickets sold beyond the seats
 * @param takings in cents
 */
record EventSummary(long id, String title, int seats, int sold, int oversold, long takings) {

    EventSummary(Event event, Sales sales) {
        this(
                event.id(),
                event.title(),
                event.seats(),
                sales.sold(),
                Math.max(0, sales.sold() - event.seats()),
                sales.takings());
    }
}
