package dev.holdfast.lock.etcd;

import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.StoreException.Kind;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the requests under way; the others wait here, first come, first served. If thousands went out at once, etcd would answer many
 * too late: those are in doubt, and the work to settle that delays the next. What has waited here for half its timeout fails with {@link
 * Kind#EXHAUSTED}, which leaves no doubt; so what is sent has time for its answer. Thread-safe; never blocks.
 */
final class Window {

    private final Semaphore free;
    private final ScheduledExecutorService timers;
    private final Queue<Waiting<?>> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger draining = new AtomicInteger();

    Window(int size, ScheduledExecutorService timers) {
        this.free = new Semaphore(size);
        this.timers = timers;
    }

    /** Sends the request when it is its turn, with what is then left of its timeout: at least half. */
    <A> CompletableFuture<A> call(Duration timeout, Function<Duration, CompletableFuture<A>> send) {
        if (queue.isEmpty() && free.tryAcquire()) {
            return sent(send, timeout);
        }
        Waiting<A> waiting = new Waiting<>(timeout, send);
        queue.add(waiting);
        waiting.expireLater();
        drain();
        return waiting.answer;
    }

    private <A> CompletableFuture<A> sent(Function<Duration, CompletableFuture<A>> send, Duration timeout) {
        CompletableFuture<A> answer;
        try {
            answer = send.apply(timeout);
        } catch (RuntimeException | Error failure) {
            answer = CompletableFuture.failedFuture(failure);
        }
        return answer.whenComplete((message, failure) -> {
            free.release();
            if (!queue.isEmpty()) {
                drain();
            }
        });
    }

    /** By one thread at a time, and not from inside itself: requests that fail at once would come back here, each deeper in the stack. */
    private void drain() {
        if (draining.getAndIncrement() != 0) {
            return;
        }
        do {
            while (free.tryAcquire()) {
                Waiting<?> next = queue.poll();
                if (next == null) {
                    free.release();
                    break;
                }
                next.turn();
            }
        } while (draining.decrementAndGet() != 0);
    }

    private final class Waiting<A> {

        private final CompletableFuture<A> answer = new CompletableFuture<>();
        private final AtomicBoolean decided = new AtomicBoolean();
        private final long since = System.nanoTime();
        private final Duration timeout;
        private final Function<Duration, CompletableFuture<A>> send;
        private volatile @Nullable Future<?> timer;

        Waiting(Duration timeout, Function<Duration, CompletableFuture<A>> send) {
            this.timeout = timeout;
            this.send = send;
        }

        void expireLater() {
            try {
                timer = timers.schedule(this::expire, timeout.toNanos() / 2, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException closing) {
                expire();
            }
        }

        /** Has a place in the window, and gives it back if it has no use for it. */
        void turn() {
            long left = timeout.toNanos() - (System.nanoTime() - since);
            if (left < timeout.toNanos() / 2) {
                expire();
            }
            if (!decided.compareAndSet(false, true)) {
                free.release();
                return;
            }
            Future<?> unused = timer;
            if (unused != null) {
                unused.cancel(false);
            }
            sent(send, Duration.ofNanos(left)).whenComplete((message, failure) -> {
                if (failure == null) {
                    answer.complete(message);
                } else {
                    answer.completeExceptionally(failure);
                }
            });
        }

        private void expire() {
            if (decided.compareAndSet(false, true)) {
                answer.completeExceptionally(new StoreException(
                        Kind.EXHAUSTED,
                        "Not sent within " + timeout.dividedBy(2)
                                + ", because etcd is slow to answer the requests before it",
                        null));
            }
        }
    }
}
