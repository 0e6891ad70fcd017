package dev.holdfast.lock.benchmarks.run;

import java.util.List;
import java.util.stream.Stream;

/** What is looked at, by the name it has in the results and in {@code --only}. */
enum Scenario {
    /** Each thread has names of its own. */
    UNCONTENDED("uncontended"),
    /** All threads of one process want one name. */
    ONE_JVM("one-jvm"),
    /** All threads of several processes want one name. */
    ACROSS_JVMS("across-jvms"),
    /** One thread of one process against many of another. */
    SHARE("share"),
    /** Many locks are held and nothing else happens. */
    HELD("held"),
    /** Many requests of one process wait. */
    WAITING("waiting"),
    /** The same, all for one name. */
    WAITING_ONE_NAME("waiting-one-name"),
    /** A queue on one name where each waiter is a session of its own. */
    QUEUE_LENGTH("queue-length"),
    /** A queue on one name inside one process. */
    QUEUE_LENGTH_JVM("queue-length-jvm"),
    /** Threads take names at random from a common set. */
    NAMES("names"),
    /** A command line program takes a lock, runs a command and ends. */
    PROCESS_START("process-start");

    private final String label;

    Scenario(String label) {
        this.label = label;
    }

    static Scenario of(String label) {
        return Stream.of(values())
                .filter(each -> each.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "There is no scenario " + label + "; there are " + String.join(", ", labels())));
    }

    static List<String> labels() {
        return Stream.of(values()).map(Scenario::label).toList();
    }

    String label() {
        return label;
    }
}
