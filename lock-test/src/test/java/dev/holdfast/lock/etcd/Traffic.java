package dev.holdfast.lock.etcd;

import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** A thread that takes a lock and gives it back, again and again. */
final class Traffic implements AutoCloseable {

    private final AtomicLong cycles = new AtomicLong();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean stopped;

    private Traffic(LockRegistry locks) {
        thread = new Thread(() -> run(locks), "traffic");
    }

    static Traffic on(LockRegistry locks) {
        Traffic traffic = new Traffic(locks);
        traffic.thread.start();
        return traffic;
    }

    private void run(LockRegistry locks) {
        while (!stopped) {
            try {
                locks.lock("traffic").acquire().release();
                cycles.incrementAndGet();
            } catch (RuntimeException | InterruptedException failed) {
                failures.add(failed);
            }
        }
    }

    void awaitMore(long count) {
        long goal = cycles.get() + count;
        await().atMost(Duration.ofSeconds(20)).until(() -> cycles.get() >= goal);
    }

    List<Throwable> failures() {
        return List.copyOf(failures);
    }

    @Override
    public void close() {
        stopped = true;
        await().atMost(Duration.ofSeconds(30)).until(() -> !thread.isAlive());
    }
}
