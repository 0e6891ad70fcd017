package dev.holdfast.lock.benchmarks.report;

import static dev.holdfast.lock.benchmarks.report.Setting.HELD;
import static dev.holdfast.lock.benchmarks.report.Setting.JVMS;
import static dev.holdfast.lock.benchmarks.report.Setting.NODES;
import static dev.holdfast.lock.benchmarks.report.Setting.THREADS;
import static dev.holdfast.lock.benchmarks.report.Setting.WAITERS;

import dev.holdfast.lock.benchmarks.report.Goal.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What the locks are to reach, row by row. Each is a ratio of one run or a cost per piece, so it holds on any machine. */
final class Goals {

    private static final String US = Subject.HOLDFAST.id();
    private static final String ASYNC = Subject.HOLDFAST_ASYNC.id();
    private static final String PUT = Subject.RAW_PUT.id();
    private static final String REDISSON = Subject.REDISSON.id();
    private static final String CURATOR = Subject.CURATOR.id();
    private static final String JETCD = Subject.JETCD_LOCK_LEASE.id();
    private static final Platform ANY = new Platform(0, false);

    private final List<Verdict> verdicts = new ArrayList<>();
    private final Run run;

    private Goals(Run run) {
        this.run = run;
    }

    static List<Verdict> judge(Run run) {
        Goals goals = new Goals(run);
        goals.oneCaller();
        goals.throughput(false, 64, 2.5, 2.3);
        goals.throughput(true, 64, 3.5, 3.2);
        goals.throughput(false, 256, 3, 3.4);
        goals.throughput(true, 256, 4.5, 5);
        goals.processorTime();
        goals.oneNameInOneJvm(false, 12);
        goals.oneNameInOneJvm(true, 100);
        goals.twoCallersInTwoJvms();
        goals.oneNameAcrossJvms(2, 12);
        goals.oneNameAcrossJvms(4, 25);
        goals.held();
        goals.waiting();
        goals.annotation();
        goals.cluster();
        return List.copyOf(goals.verdicts);
    }

    private void oneCaller() {
        Setting alone = uncontended(1);
        String row = "uncontended cycle, 1 thread";
        Quantity cycle = ours(US, alone, Metric.P50_MICROS);
        Quantity put = peer(PUT, alone, Metric.P50_MICROS);
        platform(Goal.atMost(row, "at most 1.15 x two raw puts", 1.15, "x", ratio(cycle, times(2, put))));
        platform(Goal.atLeast(
                row,
                "faster than Go's Mutex",
                1,
                "x as fast",
                ratio(GoMutex.LATENCY.quantity(subject -> peer(subject, alone, Metric.P50_MICROS)), cycle)));
        platform(Goal.atLeast(
                row, "faster than Curator", 1, "x as fast", ratio(peer(CURATOR, alone, Metric.P50_MICROS), cycle)));
        platform(Goal.atMost(
                "the same, release not awaited",
                "at most 1.25 x a raw put + 0.1 ms",
                1,
                "x of that",
                ratio(
                        ours(ASYNC, alone, Metric.P50_MICROS),
                        (run, platform) -> put.in(run, platform).map(micros -> 1.25 * micros + 100))));
    }

    private void throughput(boolean virtual, int threads, double overGo, double overRedisson) {
        Setting load = uncontended(threads);
        String row = "throughput, distinct names, " + threads + threadsOf(virtual);
        Quantity ours = ours(US, load, Metric.CYCLES_PER_SECOND);
        GoMutex go = threads > 64 ? GoMutex.AT_256_THREADS : GoMutex.UP_TO_64_THREADS;
        judge(
                virtual,
                Goal.atLeast(
                        row,
                        "at least " + Figures.limit(overGo) + " x Go's Mutex",
                        overGo,
                        "x",
                        ratio(ours, go.quantity(subject -> peer(subject, load, Metric.CYCLES_PER_SECOND)))));
        judge(
                virtual,
                Goal.atLeast(
                        row,
                        "at least " + Figures.limit(overRedisson) + " x Redisson, not persistent",
                        overRedisson,
                        "x",
                        ratio(ours, peer(REDISSON, load, Metric.CYCLES_PER_SECOND))));
    }

    private void processorTime() {
        Setting load = uncontended(64);
        platform(Goal.atMost(
                "client + server CPU per cycle, 64 threads",
                "at most 0.4 x Go's",
                0.4,
                "x",
                ratio(
                        sum(ours(US, load, Metric.CLIENT_CPU_MICROS), ours(US, load, Metric.SERVER_CPU_MICROS)),
                        GoMutex.CPU.quantity(subject -> sum(
                                peer(subject, load, Metric.CLIENT_CPU_MICROS),
                                peer(subject, load, Metric.SERVER_CPU_MICROS))))));
    }

    private void oneNameInOneJvm(boolean virtual, double overRedisson) {
        Setting crowd = Setting.of("one-jvm").with(THREADS, 64);
        String row = "one name, one JVM, 64" + threadsOf(virtual);
        judge(
                virtual,
                Goal.atLeast(
                        row,
                        "at least " + Figures.limit(overRedisson) + " x Redisson",
                        overRedisson,
                        "x",
                        ratio(
                                ours(US, crowd, Metric.CYCLES_PER_SECOND),
                                peer(REDISSON, crowd, Metric.CYCLES_PER_SECOND))));
        judge(
                virtual,
                Goal.atMost(
                        row,
                        "p99 of the wait at most 0.05 x Redisson's",
                        0.05,
                        "x",
                        ratio(ours(US, crowd, Metric.P99_MICROS), peer(REDISSON, crowd, Metric.P99_MICROS))));
        judge(
                virtual,
                Goal.atLeast(row, "shared evenly: Jain at least 0.99", 0.99, "", ours(US, crowd, Metric.JAIN_THREADS)));
    }

    private void twoCallersInTwoJvms() {
        Setting pair = acrossJvms(2, 1);
        String row = "one name, 2 JVMs x 1 thread";
        Quantity gap = ours(US, pair, Metric.HAND_OVER_P50_MICROS);
        platform(Goal.atMost(
                row,
                "hand-over p50 at most 1.9 x a raw put",
                1.9,
                "x",
                ratio(gap, peer(PUT, uncontended(1), Metric.P50_MICROS))));
        platform(Goal.atLeast(
                row,
                "mean at least 40 x better than jetcd's Lock",
                40,
                "x",
                ratio(ours(US, pair, Metric.CYCLES_PER_SECOND), peer(JETCD, pair, Metric.CYCLES_PER_SECOND))));
        platform(Goal.atLeast(
                row,
                "hand-over p50 at least level with Curator",
                1,
                "x as fast",
                ratio(peer(CURATOR, pair, Metric.HAND_OVER_P50_MICROS), gap)));
    }

    private void oneNameAcrossJvms(int jvms, double overRedisson) {
        Setting crowd = acrossJvms(jvms, 8);
        String row = "one name, " + jvms + " JVMs x 8 threads";
        platform(Goal.atLeast(
                row,
                "at least " + Figures.limit(overRedisson) + " x Redisson's sections/s",
                overRedisson,
                "x",
                ratio(ours(US, crowd, Metric.CYCLES_PER_SECOND), peer(REDISSON, crowd, Metric.CYCLES_PER_SECOND))));
        platform(
                Goal.atLeast(row, "evenly over JVMs: Jain at least 0.99", 0.99, "", ours(US, crowd, Metric.JAIN_JVMS)));
        platform(Goal.atLeast(
                row, "evenly over threads: Jain at least 0.99", 0.99, "", ours(US, crowd, Metric.JAIN_THREADS)));
    }

    private void held() {
        Setting many = Setting.of("held").with(HELD, 10_000);
        String row = "10,000 held locks";
        platform(Goal.atMost(
                row,
                "renewals per second as for one (at most 1.1 x)",
                1.1,
                "x",
                ratio(
                        ours(US, many, Metric.RENEWALS_PER_SECOND),
                        ours(US, many.with(HELD, 1), Metric.RENEWALS_PER_SECOND))));
        platform(Goal.atMost(
                row,
                "client CPU under 0.5 % of a core, besides audits",
                Math.nextDown(0.5),
                "%",
                moreThanWithOne(many)));
        platform(Goal.atMost(
                row,
                "less than 1 KiB of heap per hold",
                Math.nextDown(1024.0),
                "bytes",
                ours(US, many, Metric.HEAP_BYTES_PER_HOLD)));
    }

    /** A JVM that does nothing needs more than the goal by itself. */
    private Quantity moreThanWithOne(Setting many) {
        Quantity all = ours(US, many, Metric.CLIENT_CPU_PERCENT);
        Quantity one = ours(US, many.with(HELD, 1), Metric.CLIENT_CPU_PERCENT);
        return (run, platform) -> all.in(run, platform)
                .combine(one.in(run, platform), (a, b) -> a - b)
                .remark("more than with one held; audits included");
    }

    private void waiting() {
        Setting many = Setting.of("waiting").with(WAITERS, 5_000);
        String row = "5,000 waits in one JVM";
        platform(Goal.atMost(row, "one watch stream", 1, "", ours(US, many, Metric.WATCH_STREAMS)));
        platform(Goal.atMost(
                row,
                "less than 4 KiB per wait",
                Math.nextDown(4096.0),
                "bytes",
                ours(US, many, Metric.HEAP_BYTES_PER_WAIT)));
        platform(Goal.atMost(row, "no thread", 0, "threads", ours(US, many, Metric.EXTRA_THREADS)));
    }

    private void annotation() {
        String row = "annotation over programmatic use";
        String annotated = "AnnotationBenchmark.annotated";
        String programmatic = "AnnotationBenchmark.programmatic";
        local(Goal.atMost(
                row,
                "at most 3 µs per call",
                3,
                "µs",
                (run, platform) ->
                        run.local().score(annotated).combine(run.local().score(programmatic), (a, b) -> a - b)));
        local(Goal.atMost(
                row,
                "at most 1.5 KiB of garbage per call",
                1536,
                "bytes",
                (run, platform) ->
                        run.local().garbage(annotated).combine(run.local().garbage(programmatic), (a, b) -> a - b)));
    }

    private void cluster() {
        Setting alone = uncontended(1).with(NODES, 3);
        Setting load = uncontended(64).with(NODES, 3);
        String row = "3-node cluster, the same ratios to raw put";
        platform(Goal.atMost(
                row,
                "1 thread: at most 1.15 x two raw puts",
                1.15,
                "x",
                ratio(ours(US, alone, Metric.P50_MICROS), times(2, peer(PUT, alone, Metric.P50_MICROS)))));
        platform(Goal.atLeast(
                row,
                "64 threads: cycles per raw put at least 0.9 x those on one node",
                0.9,
                "x",
                ratio(perPut(load), perPut(load.with(NODES, 1)))));
    }

    private static Quantity perPut(Setting load) {
        return ratio(ours(US, load, Metric.CYCLES_PER_SECOND), peer(PUT, load, Metric.CYCLES_PER_SECOND));
    }

    private static Setting uncontended(int threads) {
        return Setting.of("uncontended").with(THREADS, threads);
    }

    private static Setting acrossJvms(int jvms, int threads) {
        return Setting.of("across-jvms").with(JVMS, jvms).with(THREADS, threads);
    }

    private static String threadsOf(boolean virtual) {
        return virtual ? " virtual threads" : " platform threads";
    }

    private static Quantity ours(String subject, Setting asked, String metric) {
        return (run, platform) -> run.median(subject, asked, metric, platform);
    }

    private static Quantity peer(String subject, Setting asked, String metric) {
        return (run, platform) -> run.peer(subject, asked, metric, platform);
    }

    private static Quantity ratio(Quantity one, Quantity other) {
        return (run, platform) -> one.in(run, platform).combine(other.in(run, platform), (a, b) -> a / b);
    }

    private static Quantity sum(Quantity one, Quantity other) {
        return (run, platform) -> one.in(run, platform).combine(other.in(run, platform), Double::sum);
    }

    private static Quantity times(double factor, Quantity quantity) {
        return (run, platform) -> quantity.in(run, platform).map(figure -> factor * figure);
    }

    private void platform(Goal goal) {
        judge(false, goal);
    }

    private void judge(boolean virtual, Goal goal) {
        Predicate<Platform> wanted = platform -> platform.virtual() == virtual;
        verdicts.add(goal.judge(
                run, run.results().platforms().stream().filter(wanted).toList()));
    }

    private void local(Goal goal) {
        verdicts.add(goal.judge(run, List.of(ANY)));
    }
}
