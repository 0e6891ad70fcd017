package dev.holdfast.lock.benchmarks.worker;

import dev.holdfast.lock.benchmarks.subject.NamedLock;
import dev.holdfast.lock.benchmarks.subject.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Acquires many names and keeps them. */
final class Crowd {

    private static final int THREADS = 32;

    private Crowd() {}

    static List<NamedLock> hold(Subject subject, String prefix, int amount)
            throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<NamedLock>> asked = IntStream.range(0, amount)
                    .mapToObj(i -> threads.submit(() -> {
                        NamedLock lock = subject.lock(prefix + i);
                        lock.acquire();
                        return lock;
                    }))
                    .toList();
            List<NamedLock> held = new ArrayList<>(amount);
            for (Future<NamedLock> each : asked) {
                held.add(each.get());
            }
            return held;
        } finally {
            threads.shutdownNow();
        }
    }
}
