package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whoever follows a request is told its end once, and before anybody is told of it as a listener. */
class RequestListenerTests {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final LockRegistry registry = MemoryLockRegistry.builder()
            .listener(new Throwing())
            .listener(new Following())
            .build();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void aGrantIsToldBeforeTheListenersHearOfIt() throws Exception {
        registry.lock("seat").acquire().release();
        assertThat(heard).containsExactly("seat followed", "seat acquired", "listener acquired seat");
    }

    @Test
    void aTryThatFindsTheLockBusyIsToldWithoutAFailure() throws Exception {
        registry.lock("seat").acquire();
        heard.clear();
        assertThat(registry.lock("seat").tryAcquire()).isEmpty();
        assertThat(heard).containsExactly("seat followed", "seat BUSY null", "listener BUSY seat");
    }

    @Test
    void anInterruptIsToldWithItsException() throws Exception {
        registry.lock("seat").acquire();
        heard.clear();
        Thread waiting = Thread.currentThread();
        CompletableFuture<Void> interrupting = CompletableFuture.runAsync(() -> {
            await().until(() -> registry.status().waiting() == 1);
            waiting.interrupt();
        });
        assertThatThrownBy(() -> registry.lock("seat").tryAcquire(LONG)).isInstanceOf(InterruptedException.class);
        interrupting.join();
        assertThat(heard)
                .containsExactly("seat followed", "seat INTERRUPTED InterruptedException", "listener INTERRUPTED seat");
    }

    @Test
    void aCancelledRequestIsToldOnce() throws Exception {
        registry.lock("seat").acquire();
        heard.clear();
        CompletableFuture<Optional<LockHandle>> asked = registry.lock("seat").tryAcquireAsync(LONG);
        await().until(() -> registry.status().waiting() == 1);
        asked.cancel(true);
        await().until(() -> heard.size() == 3);
        assertThat(heard).containsExactly("seat followed", "seat INTERRUPTED null", "listener INTERRUPTED seat");
    }

    @Test
    void aClosedRegistryIsAFailure() throws Exception {
        registry.lock("seat").acquire();
        CompletableFuture<Optional<LockHandle>> asked = registry.lock("seat").tryAcquireAsync(LONG);
        await().until(() -> registry.status().waiting() == 1);
        registry.close();
        assertThatThrownBy(asked::join).hasMessageContaining("closed");
        assertThat(heard).contains("seat UNAVAILABLE LockUnavailableException");
    }

    @Test
    void candidatesAreNotFollowed() throws Exception {
        Leadership term = registry.election("leader").campaign("me");
        term.close();
        assertThat(heard).containsExactly("listener acquired leader");
    }

    private final class Following implements LockListener {

        @Override
        public RequestListener follow(String name, LockOptions options) {
            heard.add(name + " followed");
            return new RequestListener() {
                @Override
                public void acquired(LockHandle handle) {
                    heard.add(handle.name() + " acquired");
                }

                @Override
                public void notAcquired(WaitOutcome outcome, @Nullable Throwable failure) {
                    heard.add(name + " " + outcome + " "
                            + (failure == null ? null : failure.getClass().getSimpleName()));
                }
            };
        }

        @Override
        public void acquired(LockHandle handle, LockOptions options, Duration waited) {
            heard.add("listener acquired " + handle.name());
        }

        @Override
        public void notAcquired(String name, LockOptions options, WaitOutcome outcome, Duration waited) {
            heard.add("listener " + outcome + " " + name);
        }
    }

    /** Whatever it throws, the next one is asked and told, and the caller gets the lock. */
    private static final class Throwing implements LockListener {

        @Override
        public @Nullable RequestListener follow(String name, LockOptions options) {
            throw new IllegalStateException("thrown by a test");
        }

        @Override
        public void batchSent(int operations) {
            throw new IllegalStateException("thrown by a test");
        }
    }
}
