package dev.holdfast.lock.benchmarks.worker;

import dev.holdfast.lock.benchmarks.subject.NamedLock;
import dev.holdfast.lock.benchmarks.subject.Subject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Holds many locks: the heap of each, and what keeping them costs while nothing else happens. */
final class HoldTask implements WorkerTask {

    private static final int WARM_UP = 64;
    /** Below, a few bytes of something else would look like the weight of a hold. */
    private static final int ENOUGH_TO_WEIGH = 500;

    private static final Duration REST_LIMIT = Duration.ofSeconds(10);

    private final Assignment assignment;
    private final EtcdMetrics metrics;
    private final List<NamedLock> warm;
    private final List<NamedLock> held;
    private final double heapPerHold;

    HoldTask(Assignment assignment, Sessions sessions) throws Exception {
        this.assignment = assignment;
        metrics = new EtcdMetrics(assignment.metrics());
        Subject subject = sessions.get(assignment, false, 1).get(0);
        warm = Crowd.hold(subject, assignment.prefix() + "warm-", WARM_UP);
        Footprint before = Footprint.now();
        held = Crowd.hold(subject, assignment.prefix(), assignment.amount());
        heapPerHold = Footprint.now().heapSince(before, assignment.amount());
        // The first question loads a client for HTTP, which is not to be part of the window.
        metrics.renewals();
        Rest.await(assignment, REST_LIMIT);
    }

    @Override
    public Outcome run(Window window) {
        Window.await(window.begin());
        long asked = System.nanoTime();
        double before = metrics.renewals();
        Window.Cpu cpu = window.fromNow().measureCpu(assignment);
        double renewals = metrics.renewals() - before;
        double renewalSeconds = (System.nanoTime() - asked) / 1e9;
        double seconds = assignment.windowMillis() / 1_000.0;
        Map<String, Double> sizes = new LinkedHashMap<>();
        sizes.put("alsoHeld", (double) warm.size());
        if (held.size() >= ENOUGH_TO_WEIGH) {
            sizes.put("heapBytesPerHold", heapPerHold);
        }
        sizes.put("clientCpuPercent", 100 * cpu.clientSeconds() / seconds);
        sizes.put("serverCpuPercent", 100 * cpu.serverSeconds() / seconds);
        if (metrics.known()) {
            sizes.put("renewalsPerSecond", renewals / renewalSeconds);
        }
        return Outcome.ofSizes(cpu.clientSeconds(), cpu.serverSeconds(), 0, sizes);
    }
}
