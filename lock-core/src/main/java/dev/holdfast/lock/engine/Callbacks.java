package dev.holdfast.lock.engine;

import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockListener.RequestListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from the engine to users' code: listeners and futures, never on an I/O thread, never stopped by what they throw. An executor
 * that refuses is asked once more a moment later; then a thread of our own takes over, since a loss must be told.
 */
final class Callbacks {

    private static final Logger log = LoggerFactory.getLogger(Callbacks.class);

    private static final Duration SECOND_TRY = Duration.ofMillis(20);

    /** Half the threads of the engine's own executor. */
    private static final int MOST_TELLERS = 32;

    private final List<LockListener> listeners;
    private final Executor executor;
    private final TimeSource time;
    private final ThreadPoolExecutor overflow;

    /** For the listeners, at most {@link #MOST_TELLERS} at a time: slow ones must not take the threads on which futures complete. */
    private final Queue<Runnable> due = new ConcurrentLinkedQueue<>();

    private final AtomicInteger tellers = new AtomicInteger();

    /** Refused once; each is run by whoever takes it out. */
    private final Set<Refused> refused = ConcurrentHashMap.newKeySet();

    /** What is told in the order in which it was added, one at a time. */
    private final Queue<Consumer<LockListener>> ordered = new ConcurrentLinkedQueue<>();

    private final Mailbox turns = new Mailbox();

    private volatile boolean closed;

    Callbacks(List<LockListener> listeners, Executor executor, TimeSource time) {
        this.listeners = listeners;
        this.executor = executor;
        this.time = time;
        this.overflow = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "holdfast-callback-overflow");
            thread.setDaemon(true);
            return thread;
        });
        overflow.allowCoreThreadTimeOut(true);
    }

    boolean hasListeners() {
        return !listeners.isEmpty();
    }

    /** Tells the listeners on the calling thread, which must be a user's or the executor's. */
    void tellHere(Consumer<LockListener> event) {
        for (LockListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException | Error failure) {
                failed(listener, failure);
            }
        }
    }

    void tell(Consumer<LockListener> event) {
        if (hasListeners()) {
            tellSoon(() -> tellHere(event));
        }
    }

    /** As {@link #tell}, after all that was told in this way before. */
    void tellInOrder(Consumer<LockListener> event) {
        if (hasListeners()) {
            ordered.add(event);
            tellSoon(() -> turns.execute(() -> {
                Consumer<LockListener> next = ordered.poll();
                if (next != null) {
                    tellHere(next);
                }
            }));
        }
    }

    /** Runs on the executor what calls listeners. */
    void tellSoon(Runnable telling) {
        due.add(telling);
        startTeller();
    }

    private void startTeller() {
        if (tellers.getAndUpdate(now -> Math.min(now + 1, MOST_TELLERS)) < MOST_TELLERS) {
            run(this::tellDue);
        }
    }

    private void tellDue() {
        try {
            for (Runnable next = due.poll(); next != null; next = due.poll()) {
                next.run();
            }
        } finally {
            tellers.decrementAndGet();
            // Added when all tellers were taken, after this one had looked.
            if (!due.isEmpty()) {
                startTeller();
            }
        }
    }

    /** Those who want to follow a request; on the calling thread, its caller's. */
    List<RequestListener> follow(String name, LockOptions options) {
        List<RequestListener> followers = List.of();
        for (LockListener listener : listeners) {
            try {
                RequestListener follower = listener.follow(name, options);
                if (follower != null) {
                    followers = with(followers, follower);
                }
            } catch (RuntimeException | Error failure) {
                failed(listener, failure);
            }
        }
        return followers;
    }

    private static List<RequestListener> with(List<RequestListener> followers, RequestListener another) {
        if (followers.isEmpty()) {
            return List.of(another);
        }
        List<RequestListener> all = new ArrayList<>(followers);
        all.add(another);
        return all;
    }

    /** Tells those who follow a request, on the calling thread. */
    static void tell(List<RequestListener> followers, Consumer<RequestListener> end) {
        for (RequestListener follower : followers) {
            try {
                end.accept(follower);
            } catch (RuntimeException | Error failure) {
                failed(follower, failure);
            }
        }
    }

    private static void failed(Object listener, Throwable failure) {
        log.warn(
                "Lock listener {} failed; locks and other listeners are not affected, but it may have missed something",
                listener.getClass().getName(),
                failure);
    }

    /** Runs the task on the executor; never throws, whatever the executor does. */
    void run(Runnable task) {
        try {
            executor.execute(task);
        } catch (RuntimeException | Error refusal) {
            Refused later = new Refused(task, refusal);
            refused.add(later);
            if (closed) {
                // Nobody else is left, and a user's future must complete even now.
                later.runHere();
            } else {
                time.schedule(SECOND_TRY, later::runAgain);
            }
        }
    }

    int refused() {
        return refused.size();
    }

    /** From now on there may be no executor and no timer. */
    void close() {
        closed = true;
        refused.forEach(Refused::runOnOverflow);
        overflow.shutdown();
    }

    private final class Refused {

        private final Runnable task;
        private final Throwable refusal;

        private Refused(Runnable task, Throwable refusal) {
            this.task = task;
            this.refusal = refusal;
        }

        private void runAgain() {
            if (!refused.contains(this)) {
                return;
            }
            try {
                executor.execute(this::runHere);
            } catch (RuntimeException | Error again) {
                log.warn("The callback executor refuses; using a thread of its own", refusal);
                runOnOverflow();
            }
        }

        private void runOnOverflow() {
            try {
                overflow.execute(this::runHere);
            } catch (RuntimeException | Error noThread) {
                if (closed) {
                    runHere();
                } else {
                    // No memory for a thread: later there may be some.
                    time.schedule(SECOND_TRY, this::runAgain);
                }
            }
        }

        private void runHere() {
            if (refused.remove(this)) {
                task.run();
            }
        }
    }
}
