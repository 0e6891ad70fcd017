package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ClosingsTests {

    private final Closings closings = new Closings();
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final AtomicInteger closed = new AtomicInteger();

    @AfterEach
    void end() {
        mayEnd.countDown();
    }

    @Test
    void allThatHaveBegunAreWaitedFor() throws Exception {
        closings.begin(this::close);
        closings.begin(closed::incrementAndGet);
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        Thread waiter = waiter(seen);
        Awaitility.await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
        mayEnd.countDown();
        assertThat(seen.get()).isEqualTo(2);
    }

    @Test
    void oneThatTakesLongerIsLeftBehind() throws Exception {
        closings.begin(this::close);
        closings.await(Duration.ofMillis(10));
        assertThat(closed).hasValue(0);
    }

    @Test
    void aClosingOneDoesNotWaitForItself() throws Exception {
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        closings.begin(() -> await(seen));
        assertThat(seen.get()).isZero();
    }

    private void close() {
        Awaitility.await().until(() -> mayEnd.getCount() == 0);
        closed.incrementAndGet();
    }

    private Thread waiter(CompletableFuture<Integer> seen) {
        Thread waiter = new Thread(() -> await(seen));
        waiter.setDaemon(true);
        waiter.start();
        return waiter;
    }

    private void await(CompletableFuture<Integer> seen) {
        try {
            closings.await(Duration.ofMinutes(5));
            seen.complete(closed.get());
        } catch (InterruptedException interrupted) {
            seen.completeExceptionally(interrupted);
        }
    }
}
