package dev.holdfast.lock.benchmarks.report;

import static dev.holdfast.lock.benchmarks.report.Setting.HELD;
import static dev.holdfast.lock.benchmarks.report.Setting.JVMS;
import static dev.holdfast.lock.benchmarks.report.Setting.NAMES;
import static dev.holdfast.lock.benchmarks.report.Setting.NODES;
import static dev.holdfast.lock.benchmarks.report.Setting.THREADS;
import static dev.holdfast.lock.benchmarks.report.Setting.WAITERS;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Predicate;

/** How costs grow. */
final class Plots {

    private static final String CYCLES = "cycles per second";
    private static final String SECTIONS = "sections per second";
    private static final DoubleUnaryOperator AS_IT_IS = DoubleUnaryOperator.identity();

    private Plots() {}

    static List<Plot> all() {
        return List.of(
                new Plot(
                        "throughput.svg",
                        "Uncontended: throughput against threads",
                        "platform threads",
                        CYCLES,
                        in("uncontended").and(virtual(false)).and(one(JVMS)).and(one(NODES)),
                        THREADS,
                        Metric.CYCLES_PER_SECOND,
                        AS_IT_IS),
                new Plot(
                        "throughput-virtual.svg",
                        "Uncontended: throughput against virtual threads",
                        "virtual threads",
                        CYCLES,
                        in("uncontended").and(virtual(true)).and(one(JVMS)).and(one(NODES)),
                        THREADS,
                        Metric.CYCLES_PER_SECOND,
                        AS_IT_IS),
                new Plot(
                        "one-jvm.svg",
                        "One name in one JVM: throughput against threads",
                        "platform threads",
                        SECTIONS,
                        in("one-jvm").and(virtual(false)),
                        THREADS,
                        Metric.CYCLES_PER_SECOND,
                        AS_IT_IS),
                new Plot(
                        "hand-over.svg",
                        "One name, 8 threads in each JVM: throughput against JVMs",
                        "JVMs",
                        SECTIONS,
                        in("across-jvms").or(in("one-jvm")).and(virtual(false)).and(sized(THREADS, 8)),
                        JVMS,
                        Metric.CYCLES_PER_SECOND,
                        AS_IT_IS),
                new Plot(
                        "names.svg",
                        "64 threads that take names at random: throughput against the number of names",
                        "names",
                        CYCLES,
                        in("names").and(virtual(false)).and(one(JVMS)),
                        NAMES,
                        Metric.CYCLES_PER_SECOND,
                        AS_IT_IS),
                new Plot(
                        "jvms.svg",
                        "64 threads in all on 1,000 names: throughput against JVMs",
                        "JVMs",
                        CYCLES,
                        in("names").and(virtual(false)).and(sized(NAMES, 1_000)),
                        JVMS,
                        Metric.CYCLES_PER_SECOND,
                        AS_IT_IS),
                new Plot(
                        "held-heap.svg",
                        "Heap of a held lock against the number held",
                        "locks held",
                        "bytes of heap per hold",
                        in("held"),
                        HELD,
                        Metric.HEAP_BYTES_PER_HOLD,
                        AS_IT_IS),
                new Plot(
                        "held-cpu.svg",
                        "CPU of the client against the number of locks held",
                        "locks held",
                        "% of a core",
                        in("held"),
                        HELD,
                        Metric.CLIENT_CPU_PERCENT,
                        AS_IT_IS),
                queue("queue-length", "each a session of its own"),
                queue("queue-length-jvm", "all in one JVM"));
    }

    private static Plot queue(String scenario, String who) {
        return new Plot(
                scenario + ".svg",
                "One name: cost of a hand-over against the length of the queue, " + who,
                "waiters",
                "time from one section to the next, µs",
                in(scenario).and(virtual(false)),
                WAITERS,
                Metric.CYCLES_PER_SECOND,
                perSecond -> 1_000_000 / perSecond);
    }

    private static Predicate<Measurement> in(String scenario) {
        return measurement -> measurement.setting().scenario().equals(scenario);
    }

    private static Predicate<Measurement> virtual(boolean wanted) {
        return measurement -> measurement.platform().virtual() == wanted;
    }

    private static Predicate<Measurement> one(String size) {
        return sized(size, 1);
    }

    private static Predicate<Measurement> sized(String size, int value) {
        return measurement -> measurement.setting().size(size) == value;
    }
}
