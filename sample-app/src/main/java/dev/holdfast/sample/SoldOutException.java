package dev.holdfast.sample;

final class SoldOutException extends RuntimeException {

    SoldOutException(Event event) {
        super("'" + event.title() + "' is sold out");
    }
}
