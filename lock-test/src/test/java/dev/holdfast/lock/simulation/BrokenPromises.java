package dev.holdfast.lock.simulation;

import java.util.List;
import java.util.function.LongFunction;

/** Names of the promises that a seed breaks. Of JDK types only, so that another class loader can be asked. */
public final class BrokenPromises implements LongFunction<List<String>> {

    @Override
    public List<String> apply(long seed) {
        return Simulation.run(seed).violations().stream()
                .map(violation -> violation.promise().name())
                .distinct()
                .toList();
    }
}
