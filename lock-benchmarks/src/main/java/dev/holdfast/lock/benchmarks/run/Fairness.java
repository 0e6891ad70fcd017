package dev.holdfast.lock.benchmarks.run;

import java.util.Collection;

/** How evenly something is shared. */
final class Fairness {

    private Fairness() {}

    /** Jain's index: 1 when all have the same, 1/n when one of n has everything. NaN if there is nothing to share. */
    static double jain(Collection<Long> shares) {
        double sum = 0;
        double squares = 0;
        for (double share : shares) {
            sum += share;
            squares += share * share;
        }
        return sum * sum / (shares.size() * squares);
    }
}
