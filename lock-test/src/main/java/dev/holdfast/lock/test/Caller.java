package dev.holdfast.lock.test;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** One thread that makes a test's calls, one after the other, so that what it owns stays its own. */
final class Caller {

    /** Of threads. */
    enum Kind {
        PLATFORM,

        /** Platform threads too on a JDK that has no others. */
        VIRTUAL;

        ThreadFactory factory() {
            return this == VIRTUAL ? VirtualThreads.factory() : Executors.defaultThreadFactory();
        }
    }

    interface Action {
        void run() throws Exception;
    }

    private final ExecutorService executor;
    private final Thread thread;

    Caller(Kind kind) throws Exception {
        executor = Executors.newSingleThreadExecutor(kind.factory());
        thread = call(Thread::currentThread);
    }

    <T> Future<T> start(Callable<T> call) {
        return executor.submit(call);
    }

    /** Makes the call and fails as it does. */
    <T> T call(Callable<T> call) throws Exception {
        try {
            return start(call).get(20, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof Exception failure) {
                throw failure;
            }
            throw failed;
        }
    }

    void run(Action action) throws Exception {
        call(() -> {
            action.run();
            return true;
        });
    }

    /** Whatever the call throws, and the thread's flag afterwards, which is cleared. */
    Ended end(Action action) throws Exception {
        return call(() -> ended(action));
    }

    static Ended ended(Action action) {
        Throwable thrown = null;
        try {
            action.run();
        } catch (Throwable failure) {
            thrown = failure;
        }
        return new Ended(thrown == null ? None.class : thrown.getClass(), Thread.interrupted());
    }

    /** How a call ended: with what exception, and with the interrupt flag set or not. */
    record Ended(Class<?> thrown, boolean flag) {}

    /** No exception. */
    static final class None {}

    void interrupt() {
        thread.interrupt();
    }

    /** Ends the thread, whatever it owns. */
    void stop() throws InterruptedException {
        executor.shutdownNow();
        thread.join(TimeUnit.SECONDS.toMillis(20));
    }
}
