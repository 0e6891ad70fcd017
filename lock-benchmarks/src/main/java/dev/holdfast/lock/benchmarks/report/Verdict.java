package dev.holdfast.lock.benchmarks.report;

import java.util.List;

/** What became of a goal. */
record Verdict(Goal goal, Measured measured) {

    boolean isReached() {
        return measured instanceof Measured.Value value && goal.isReachedBy(value.number());
    }

    boolean isMeasured() {
        return measured instanceof Measured.Value;
    }

    String text() {
        if (measured instanceof Measured.Missing missing) {
            return "not measured (" + missing.why() + ")";
        }
        return isReached() ? "reached" : "**not reached**";
    }

    List<String> cells() {
        return List.of(goal.row(), goal.aim(), figure(), text());
    }

    private String figure() {
        if (measured instanceof Measured.Value value) {
            String figure = (Figures.plain(value.number()) + " " + goal.unit()).strip();
            return value.remarks().isEmpty() ? figure : figure + " (" + String.join("; ", value.remarks()) + ")";
        }
        return "-";
    }
}
