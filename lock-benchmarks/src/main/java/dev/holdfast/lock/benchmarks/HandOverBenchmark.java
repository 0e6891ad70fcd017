package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Threads of one JVM that take turns under one name, on the memory store: what passing a hold on costs besides etcd. Operations of all
 * threads together; nothing is done under the lock.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class HandOverBenchmark {

    private LockRegistry registry = MemoryLockRegistry.create();
    private LeaseLock lock = registry.lock("order:4711", LockOptions.defaults().withWaitTime(Duration.ofMinutes(1)));

    @TearDown
    public void close() {
        registry.close();
    }

    @Benchmark
    @Threads(8)
    public boolean of8Threads() throws InterruptedException {
        return section();
    }

    @Benchmark
    @Threads(64)
    public boolean of64Threads() throws InterruptedException {
        return section();
    }

    private boolean section() throws InterruptedException {
        try (LockHandle handle = lock.acquire()) {
            return handle.isHeld();
        }
    }
}
