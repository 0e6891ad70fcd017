package dev.holdfast.lock.benchmarks.report;

import static dev.holdfast.lock.benchmarks.report.Setting.HELD;
import static dev.holdfast.lock.benchmarks.report.Setting.JVMS;
import static dev.holdfast.lock.benchmarks.report.Setting.NAMES;
import static dev.holdfast.lock.benchmarks.report.Setting.NODES;
import static dev.holdfast.lock.benchmarks.report.Setting.THREADS;
import static dev.holdfast.lock.benchmarks.report.Setting.WAITERS;

import java.util.List;
import java.util.function.Predicate;

/** How costs grow. */
final class Plots {

    private static final String SECTIONS = "sections per second";

    private Plots() {}

    static List<Plot> all() {
        return List.of(
                new Plot(
                        "throughput.svg",
                        "Uncontended: throughput against threads",
                        "platform threads",
                        "cycles per second",
                        in("uncontended").and(virtual(false)).and(one(JVMS)).and(one(NODES)),
                        THREADS,
                        Metric.CYCLES_PER_SECOND),
                new Plot(
                        "throughput-virtual.svg",
                        "Uncontended: throughput against virtual threads",
                        "virtual threads",
                        "cycles per second",
                        in("uncontended").and(virtual(true)).and(one(JVMS)).and(one(NODES)),
                        THREADS,
                        Metric.CYCLES_PER_SECOND),
                new Plot(
                        "one-jvm.svg",
                        "One name in one JVM: throughput against threads",
                        "platform threads",
                        SECTIONS,
                        in("one-jvm").and(virtual(false)),
                        THREADS,
                        Metric.CYCLES_PER_SECOND),
                new Plot(
                        "hand-over.svg",
                        "One name, 8 threads in each JVM: throughput against JVMs",
                        "JVMs",
                        SECTIONS,
                        in("across-jvms").or(in("one-jvm")).and(virtual(false)).and(sized(THREADS, 8)),
                        JVMS,
                        Metric.CYCLES_PER_SECOND),
                new Plot(
                        "names.svg",
                        "Time of a cycle against the number of names",
                        "names",
                        "median cycle, µs",
                        in("names").and(virtual(false)).and(one(JVMS)),
                        NAMES,
                        Metric.P50_MICROS),
                new Plot(
                        "jvms.svg",
                        "Distinct names: throughput of all JVMs together",
                        "JVMs",
                        "cycles per second",
                        in("names").and(virtual(false)),
                        JVMS,
                        Metric.CYCLES_PER_SECOND),
                new Plot(
                        "held-heap.svg",
                        "Heap of a held lock against the number held",
                        "locks held",
                        "bytes of heap per hold",
                        in("held"),
                        HELD,
                        Metric.HEAP_BYTES_PER_HOLD),
                new Plot(
                        "held-cpu.svg",
                        "CPU of the client against the number of locks held",
                        "locks held",
                        "% of a core",
                        in("held"),
                        HELD,
                        Metric.CLIENT_CPU_PERCENT),
                new Plot(
                        "queue-length.svg",
                        "Cost of a hand-over against the length of the queue",
                        "waiters on the name",
                        "median hand-over, µs",
                        in("queue-length").and(virtual(false)),
                        WAITERS,
                        Metric.HAND_OVER_P50_MICROS));
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
