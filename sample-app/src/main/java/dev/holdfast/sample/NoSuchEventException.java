package dev.holdfast.sample;

final class NoSuchEventException extends RuntimeException {

    NoSuchEventException(long eventId) {
        super("There is no event " + eventId);
    }
}
