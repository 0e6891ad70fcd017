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

    private final Assignment assignment;
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
        Crowd.hold(waiter, assignment.prefix() + "warm-", 8);
    }

    @Override
    public Outcome run(Window window) {
        EtcdMetrics metrics = new EtcdMetrics(assignment.metrics());
        double streams = metrics.watchStreams();
        double watchers = metrics.watchers();
        Footprint before = Footprint.now();
        for (int i = 0; i < assignment.amount(); i++) {
            waits.add(waiter.lock(assignment.prefix() + i % held.size()).acquireAsync());
        }
        Window.Cpu cpu = window.measureCpu(assignment);
        Footprint after = Footprint.now();
        double seconds = assignment.windowMillis() / 1_000.0;
        Map<String, Double> sizes = new LinkedHashMap<>();
        sizes.put("heapBytesPerWait", after.heapSince(before, waits.size()));
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

    /** Each wait that is over is a second holder, or an error that the caller must hear of. */
    private long granted() {
        waits.stream().filter(CompletableFuture::isCompletedExceptionally).forEach(CompletableFuture::join);
        return waits.stream().filter(CompletableFuture::isDone).count();
    }
}
