package dev.holdfast.lock.simulation;

import java.util.List;
import java.util.function.Supplier;

/**
 * What came of a seed. The one class that class loaders with engines of their own share.
 *
 * @param seed runs the same again
 * @param promises names of those that were broken
 * @param first the first way in which one was; empty if all were kept
 * @param events how many there were
 * @param text writes the whole history for people
 */
public record Verdict(long seed, List<String> promises, String first, long events, Supplier<String> text) {

    boolean kept() {
        return promises.isEmpty();
    }
}
