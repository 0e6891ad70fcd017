package dev.holdfast.sample;

/** The price rises by a quarter once half the seats are sold, and by a half for the last tenth. */
final class Pricing {

    private Pricing() {}

    static int price(Event event, int sold) {
        int free = event.seats() - sold;
        if (free * 10 <= event.seats()) {
            return event.price() * 3 / 2;
        }
        return free * 2 <= event.seats() ? event.price() * 5 / 4 : event.price();
    }
}
