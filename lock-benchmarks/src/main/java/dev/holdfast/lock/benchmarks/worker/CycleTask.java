package dev.holdfast.lock.benchmarks.worker;

import dev.holdfast.lock.benchmarks.subject.NamedLock;
import dev.holdfast.lock.benchmarks.subject.Subject;
import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import dev.holdfast.lock.test.VirtualThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Threads that acquire and release. */
final class CycleTask implements WorkerTask {

    private static final int MOST_JVMS = 8;
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(60);

    private final Assignment assignment;
    private final List<Subject> subjects;
    private final @Nullable ExclusionFile exclusion;

    CycleTask(Assignment assignment, Sessions sessions) {
        this.assignment = assignment;
        SubjectKind kind = SubjectKind.of(assignment.subject());
        boolean contended = assignment.names() > 0;
        subjects = sessions.get(assignment, contended, assignment.sessionPerThread() ? assignment.threads() : 1);
        IntStream.range(0, subjects.size()).parallel().forEach(this::connect);
        exclusion = kind.excludes()
                ? new ExclusionFile(
                        Path.of(assignment.exclusion()), Names.slots(assignment, MOST_JVMS), assignment.jvm())
                : null;
    }

    @Override
    public Outcome run(Window window) throws Exception {
        List<CycleLoop> loops = IntStream.range(0, assignment.threads())
                .mapToObj(thread -> new CycleLoop(names(thread), exclusion, thread, window))
                .toList();
        ThreadFactory factory = assignment.virtual() ? VirtualThreads.factory() : Thread::new;
        List<Thread> threads = new ArrayList<>();
        for (CycleLoop loop : loops) {
            Thread thread = factory.newThread(loop);
            threads.add(thread);
            thread.start();
        }
        Window.Cpu cpu = window.measureCpu(assignment);
        join(threads);
        for (CycleLoop loop : loops) {
            Exception failure = loop.failure();
            if (failure != null) {
                throw failure;
            }
        }
        return outcome(loops, cpu);
    }

    /** One cycle before the barrier, so that connecting and loading classes are not part of the warm-up. */
    private void connect(int session) {
        NamedLock lock =
                subjects.get(session).lock(assignment.prefix() + "connect-" + assignment.jvm() + "-" + session);
        try {
            lock.acquire();
            lock.release();
            lock.retire();
        } catch (Exception failed) {
            throw new IllegalStateException(assignment.subject() + " does not work", failed);
        }
    }

    private Names names(int thread) {
        return new Names(assignment, subjects.get(thread % subjects.size()), thread);
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        long deadline = System.nanoTime() + DRAIN_LIMIT.toNanos();
        for (Thread thread : threads) {
            thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            if (thread.isAlive()) {
                throw new IllegalStateException("A thread still waits " + DRAIN_LIMIT + " after the end of the window");
            }
        }
    }

    private Outcome outcome(List<CycleLoop> loops, Window.Cpu cpu) {
        Latencies cycles = new Latencies();
        Latencies waits = new Latencies();
        Latencies handOvers = new Latencies();
        for (CycleLoop loop : loops) {
            cycles.add(loop.cycles());
            waits.add(loop.waits());
            handOvers.add(loop.handOvers());
        }
        return new Outcome(
                loops.stream().map(loop -> loop.cycles().count()).toList(),
                cycles.encoded(),
                waits.encoded(),
                handOvers.encoded(),
                loops.stream().mapToLong(CycleLoop::longestWait).max().orElse(0),
                cpu.clientSeconds(),
                cpu.serverSeconds(),
                exclusion == null ? 0 : exclusion.violations(),
                Map.of());
    }
}
