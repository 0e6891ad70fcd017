package dev.holdfast.lock.benchmarks.worker;

import dev.holdfast.lock.benchmarks.subject.NamedLock;
import dev.holdfast.lock.benchmarks.subject.Subject;
import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Many waits without a thread for names that another session holds: the heap of each, and what they cost while nothing happens. */
final class WaitTask implements WorkerTask {

    private static final int WARM_UP = 8;

    private final Assignment assignment;
    private final EtcdMetrics metrics;
    private final double streams;
    private final double watchers;
    private final Subject holder;
    private final Subject waiter;
    private final List<NamedLock> held;
    private final List<CompletableFuture<?>> waits = new ArrayList<>();

    WaitTask(Assignment assignment) throws Exception {
        this.assignment = assignment;
        SubjectKind kind = SubjectKind.of(assignment.subject());
        holder = kind.open(assignment.address(), false);
        waiter = kind.open(assignment.address(), false);
        held = Crowd.hold(holder, assignment.prefix(), assignment.names());
        metrics = new EtcdMetrics(assignment.metrics());
        streams = metrics.watchStreams();
        watchers = metrics.watchers();
        // What the first waits start, each further wait shares.
        begin(WARM_UP);
    }

    @Override
    public Outcome run(Window window) {
        Footprint before = Footprint.now();
        begin(assignment.amount());
        Window.Cpu cpu = window.measureCpu(assignment);
        Footprint after = Footprint.now();
        double seconds = assignment.windowMillis() / 1_000.0;
        Map<String, Double> sizes = new LinkedHashMap<>();
        sizes.put("heapBytesPerWait", after.heapSince(before, assignment.amount()));
        sizes.put("extraThreads", (double) after.threads() - before.threads());
        sizes.put("clientCpuPercent", 100 * cpu.clientSeconds() / seconds);
        sizes.put("serverCpuPercent", 100 * cpu.serverSeconds() / seconds);
        if (metrics.known()) {
            sizes.put("watchStreams", metrics.watchStreams() - streams);
            sizes.put("watchers", metrics.watchers() - watchers);
        }
        return Outcome.ofSizes(cpu.clientSeconds(), cpu.serverSeconds(), granted(), sizes);
    }

    @Override
    public void close() {
        waiter.close();
        holder.close();
    }

    private void begin(int count) {
        for (int i = 0; i < count; i++) {
            waits.add(waiter.lock(assignment.prefix() + i % held.size()).acquireAsync());
        }
    }

    /** Each wait that is over is a second holder, or an error that the caller must hear of. */
    private long granted() {
        waits.stream().filter(CompletableFuture::isCompletedExceptionally).forEach(CompletableFuture::join);
        return waits.stream().filter(CompletableFuture::isDone).count();
    }
}
