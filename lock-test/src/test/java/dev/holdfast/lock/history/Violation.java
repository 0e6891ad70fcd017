package dev.holdfast.lock.history;

/**
 * A promise that was broken.
 *
 * @param promise which
 * @param detail how, with the events
 */
public record Violation(Promise promise, String detail) {

    @Override
    public String toString() {
        return promise + " (" + promise.meaning() + "): " + detail;
    }
}
