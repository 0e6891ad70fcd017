package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.worker.Assignment.Task;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/**
 * All that is equal for the subjects that are compared. Immutable; start from a factory and change with {@code withX}.
 *
 * @param threads for each process
 * @param names how many all share; 0: each thread has some of its own
 * @param settling work that does not count, by JVMs that are warm
 * @param amount locks held or waits begun, if the scenario is about those
 */
record Setting(
        Scenario scenario,
        Task task,
        List<Integer> threads,
        boolean virtual,
        int nodes,
        int names,
        int amount,
        boolean sessionPerThread,
        Duration settling,
        Duration window) {

    static Setting cycles(Scenario scenario, int jvms, int threads, Pace pace) {
        return new Setting(
                scenario,
                Task.CYCLE,
                Collections.nCopies(jvms, threads),
                false,
                1,
                0,
                0,
                false,
                pace.settling(),
                pace.window());
    }

    static Setting amount(Scenario scenario, Task task, int names, int amount, Pace pace) {
        return new Setting(scenario, task, List.of(1), false, 1, names, amount, false, pace.settling(), pace.window());
    }

    /** How long one measurement takes: work that does not count, then work that does. */
    record Pace(Duration settling, Duration window) {

        static Pace millis(int settling, int window) {
            return new Pace(Duration.ofMillis(settling), Duration.ofMillis(window));
        }
    }

    Setting withVirtualThreads() {
        return new Setting(scenario, task, threads, true, nodes, names, amount, sessionPerThread, settling, window);
    }

    Setting withNodes(int count) {
        return new Setting(scenario, task, threads, virtual, count, names, amount, sessionPerThread, settling, window);
    }

    Setting withNames(int count) {
        return new Setting(scenario, task, threads, virtual, nodes, count, amount, sessionPerThread, settling, window);
    }

    Setting withThreads(List<Integer> each) {
        return new Setting(scenario, task, each, virtual, nodes, names, amount, sessionPerThread, settling, window);
    }

    Setting withSessionPerThread() {
        return new Setting(scenario, task, threads, virtual, nodes, names, amount, true, settling, window);
    }

    Setting withPace(Pace pace) {
        return new Setting(
                scenario,
                task,
                threads,
                virtual,
                nodes,
                names,
                amount,
                sessionPerThread,
                pace.settling(),
                pace.window());
    }

    /** How threads meet, which decides what code they run. */
    enum Use {
        OWN,
        ONE,
        COMMON
    }

    Use use() {
        return names == 0 ? Use.OWN : names == 1 ? Use.ONE : Use.COMMON;
    }

    int jvms() {
        return threads.size();
    }

    int mostThreads() {
        return Collections.max(threads);
    }

    int allThreads() {
        return threads.stream().mapToInt(Integer::intValue).sum();
    }

    /** For people. */
    String text() {
        StringBuilder text = new StringBuilder(scenario.label());
        text.append(jvms() == 1 ? ", " : ", " + jvms() + " JVMs, ")
                .append(mostThreads())
                .append(" threads");
        text.append(virtual ? " (virtual)" : "");
        text.append(nodes == 1 ? "" : ", " + nodes + " nodes");
        text.append(names <= 1 ? "" : ", " + names + " names");
        text.append(amount == 0 ? "" : ", " + amount + " locks");
        return text.toString();
    }
}
