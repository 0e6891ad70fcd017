package dev.holdfast.lock.simulation;

import java.util.function.LongFunction;

/** The simulation as a function, for class loaders that have an engine of their own. */
public final class Worlds implements LongFunction<Verdict> {

    @Override
    public Verdict apply(long seed) {
        return Simulation.run(seed);
    }
}
