package dev.holdfast.lock.benchmarks.worker;

import dev.holdfast.lock.benchmarks.subject.NamedLock;
import dev.holdfast.lock.benchmarks.subject.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Many waits without a thread for names that another session holds: the heap of each, and what they cost while nothing happens. */
final class WaitTask implements WorkerTask {

    private static final int WARM_UP = 8;

    private static final Duration REST_LIMIT = Duration.ofSeconds(10);
    private static final Duration IN_PLACE_LIMIT = Duration.ofSeconds(60);

    private final Assignment assignment;
    private final Footprint before;
    private final EtcdMetrics metrics;
    private final double streams;
    private final double watchers;
    private final Subject waiter;
    private final List<NamedLock> held;
    private final List<CompletableFuture<?>> waits = new ArrayList<>();

    WaitTask(Assignment assignment, Sessions sessions) throws Exception {
        this.assignment = assignment;
        List<Subject> both = sessions.get(assignment, false, 2);
        waiter = both.get(1);
        held = Crowd.hold(both.get(0), assignment.prefix(), assignment.names());
        metrics = new EtcdMetrics(assignment.metrics());
        streams = metrics.watchStreams();
        watchers = metrics.watchers();
        // What the first waits start, each further wait shares.
        begin(WARM_UP);
        Rest.await(assignment, REST_LIMIT);
        before = Footprint.now();
        begin(assignment.amount());
        awaitInPlace();
    }

    @Override
    public Outcome run(Window window) {
        Window.await(window.begin());
        Window.Cpu cpu = window.fromNow().measureCpu(assignment);
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

    private void begin(int count) {
        for (int i = 0; i < count; i++) {
            waits.add(waiter.lock(assignment.prefix() + i % held.size()).acquireAsync());
        }
    }

    /** A wait that is still on its way weighs less than one that is in place, and costs more. */
    private void awaitInPlace() {
        long deadline = System.nanoTime() + IN_PLACE_LIMIT.toNanos();
        Rest.await(assignment, REST_LIMIT);
        while (metrics.known() && metrics.watchers() - watchers < assignment.names()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("After " + IN_PLACE_LIMIT + " there are "
                        + (metrics.watchers() - watchers) + " watchers for " + assignment.names() + " names");
            }
            Rest.await(assignment, REST_LIMIT);
        }
    }

    /** Each wait that is over is a second holder, or an error that the caller must hear of. */
    private long granted() {
        waits.stream().filter(CompletableFuture::isCompletedExceptionally).forEach(CompletableFuture::join);
        return waits.stream().filter(CompletableFuture::isDone).count();
    }
}
