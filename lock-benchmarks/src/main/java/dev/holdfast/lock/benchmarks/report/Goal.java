package dev.holdfast.lock.benchmarks.report;

import java.util.List;

/**
 * One thing to reach.
 *
 * @param row what is measured, in the words of the list of goals
 * @param aim the bound in words
 */
record Goal(String row, String aim, Bound bound, double limit, String unit, Quantity quantity) {

    enum Bound {
        AT_LEAST,
        AT_MOST
    }

    /** Something to compute from a run, on a platform. */
    @FunctionalInterface
    interface Quantity {
        Measured in(Run run, Platform platform);
    }

    static Goal atLeast(String row, String aim, double limit, String unit, Quantity quantity) {
        return new Goal(row, aim, Bound.AT_LEAST, limit, unit, quantity);
    }

    static Goal atMost(String row, String aim, double limit, String unit, Quantity quantity) {
        return new Goal(row, aim, Bound.AT_MOST, limit, unit, quantity);
    }

    /** Judged on the first platform that has the figure; the unrounded figure counts. */
    Verdict judge(Run run, List<Platform> platforms) {
        Measured measured = new Measured.Missing("nothing was run on such threads");
        for (Platform platform : platforms) {
            Measured here = quantity.in(run, platform);
            if (here instanceof Measured.Value) {
                return new Verdict(this, here);
            }
            measured = here;
        }
        return new Verdict(this, measured);
    }

    boolean isReachedBy(double figure) {
        return bound == Bound.AT_LEAST ? figure >= limit : figure <= limit;
    }
}
