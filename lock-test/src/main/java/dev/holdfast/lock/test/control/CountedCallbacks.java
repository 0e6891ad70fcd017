package dev.holdfast.lock.test.control;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Runs what registries tell listeners and futures, and knows when all of it was told. Thread-safe. */
final class CountedCallbacks implements AutoCloseable {

    /** A callback that blocks for so long waits for the test, and not the other way round. */
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ExecutorService own = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "holdfast-test-callback");
        thread.setDaemon(true);
        return thread;
    });
    private final ThreadLocal<Boolean> inside = ThreadLocal.withInitial(() -> false);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition told = lock.newCondition();
    private int pending;

    /** An executor that counts; on that of the registry's user, if there is one. */
    Executor over(@Nullable Executor given) {
        Executor runner = given == null ? own : given;
        return task -> {
            count(1);
            try {
                runner.execute(() -> run(task));
            } catch (RuntimeException | Error refused) {
                count(-1);
                throw refused;
            }
        };
    }

    /** Returns when everything was told; the interrupt of a waiting thread, which may be what is told, stays as it is. */
    void settle() {
        if (inside.get()) {
            return; // it would wait for itself
        }
        boolean interrupted = false;
        long until = System.nanoTime() + LIMIT_NANOS;
        lock.lock();
        try {
            for (long left = LIMIT_NANOS; pending > 0 && left > 0; left = until - System.nanoTime()) {
                try {
                    told.awaitNanos(left);
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        own.shutdown();
    }

    private void run(Runnable task) {
        inside.set(true);
        try {
            task.run();
        } finally {
            inside.remove();
            count(-1);
        }
    }

    private void count(int change) {
        lock.lock();
        try {
            pending += change;
            if (pending == 0) {
                told.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
