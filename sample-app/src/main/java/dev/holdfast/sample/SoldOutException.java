package dev.holdfast.sample;

/** No seat is left. */
public final class SoldOutException extends RuntimeException {

    SoldOutException(Event event) {
        super("'" + event.title() + "' is sold out");
    }
}
