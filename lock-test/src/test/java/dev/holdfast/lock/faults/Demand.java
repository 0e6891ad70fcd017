package dev.holdfast.lock.faults;

import dev.holdfast.lock.history.History;
import dev.holdfast.lock.history.Violation;
import java.util.List;

/** What a scenario asks of its history beyond what holds for all. */
interface Demand {

    Demand NOTHING_MORE = history -> List.of();

    /** What is not met. */
    List<Violation> notMet(History history);
}
