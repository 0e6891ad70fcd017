package dev.holdfast.lock.simulation;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread of a simulated process: a real thread, of which at most one runs at a time, and only while the world waits for it. So blocking
 * code runs unchanged and every run repeats itself. The baton is handed over by {@link #turn}.
 */
final class SimulatedThread {

    /** Ends a thread whose process was killed, through all finally blocks; not an exception that anybody would catch. */
    static final class Killed extends Error {

        private static final long serialVersionUID = 1;

        private Killed() {
            super("the simulated process was killed", null, false, false);
        }
    }

    private enum Turn {
        WORLD,
        THREAD
    }

    private static final ExecutorService POOL = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "simulated");
        thread.setDaemon(true);
        return thread;
    });

    private static final ThreadLocal<@Nullable SimulatedThread> CURRENT = new ThreadLocal<>();

    private final Machine machine;
    private final Thread world = Thread.currentThread();
    private volatile Turn turn = Turn.WORLD;
    private volatile @Nullable Thread real;
    private boolean finished;
    private boolean interruptDue;
    private boolean killed;
    private long waits;
    private int interrupts;

    private SimulatedThread(Machine machine) {
        this.machine = machine;
    }

    /** Runs the body at once, until it blocks for the first time. To be called by the world. */
    static SimulatedThread start(Machine machine, Runnable body) {
        SimulatedThread thread = new SimulatedThread(machine);
        thread.turn = Turn.THREAD;
        POOL.execute(() -> thread.run(body));
        thread.awaitTurn(Turn.WORLD);
        return thread;
    }

    static @Nullable SimulatedThread current() {
        return CURRENT.get();
    }

    boolean finished() {
        return finished;
    }

    /** How many interrupts have come to it in a wait. */
    int interrupts() {
        return interrupts;
    }

    /** Interrupts it if it is blocked: it wakes a moment later. To be called by the world. */
    void interrupt() {
        if (!finished) {
            interruptDue = true;
            long wait = waits;
            machine.soon(() -> wake(wait));
        }
    }

    /** Ends it wherever it is blocked. */
    void kill() {
        if (!finished) {
            killed = true;
            resume();
        }
    }

    /** Blocks until the future is complete or the time of the process has passed; whether it is complete. On the thread itself. */
    boolean await(Future<?> future, long nanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long wait = ++waits;
        boolean[] over = new boolean[1];
        if (!future.isDone()) {
            var timer = machine.schedule(Duration.ofNanos(nanos), () -> {
                over[0] = true;
                wake(wait);
            });
            if (future instanceof CompletableFuture<?> completable) {
                completable.whenComplete((value, failure) -> machine.soon(() -> wake(wait)));
            }
            do {
                block();
                if (killed) {
                    throw new Killed();
                }
                if (interruptDue) {
                    interruptDue = false;
                    interrupts++;
                    timer.cancel();
                    throw new InterruptedException();
                }
            } while (!future.isDone() && !over[0]);
            timer.cancel();
        }
        return future.isDone();
    }

    private void run(Runnable body) {
        real = Thread.currentThread();
        CURRENT.set(this);
        try {
            machine.run(body);
        } catch (Killed end) {
            // As meant.
        } finally {
            CURRENT.remove();
            // The real thread goes on to another task.
            Thread.interrupted();
            finished = true;
            turn = Turn.WORLD;
            LockSupport.unpark(world);
        }
    }

    /** By an event: it goes on if it still is in that wait. */
    private void wake(long wait) {
        if (!finished && waits == wait) {
            resume();
        }
    }

    private void resume() {
        turn = Turn.THREAD;
        LockSupport.unpark(real);
        awaitTurn(Turn.WORLD);
    }

    private void block() {
        turn = Turn.WORLD;
        LockSupport.unpark(world);
        awaitTurn(Turn.THREAD);
    }

    private void awaitTurn(Turn mine) {
        while (turn != mine) {
            LockSupport.park(this);
        }
    }
}
