package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.time.SystemTimeSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an engine keeps of the threads that use its locks as {@link Lock}. */
class ThreadHoldsTests {

    private static final Footprint NOTHING = new Footprint(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private final SystemTimeSource time = new SystemTimeSource();
    private final MemoryServer server = new MemoryServer(time);
    private final LockEngine engine = LockEngine.onSystemTime(server.connect(), EngineOptions.defaults());
    private final LockEngine other = LockEngine.onSystemTime(server.connect(), EngineOptions.defaults());
    private final Lock view = engine.lock("seat").asLock();

    @AfterEach
    void close() {
        engine.close();
        other.close();
        time.close();
    }

    @Test
    void theLastUnlockForgetsTheThread() {
        view.lock();
        view.lock();
        view.unlock();
        assertThat(engine.footprint().threadHolds()).isEqualTo(1);

        view.unlock();

        assertThat(engine.footprint().threadHolds()).isZero();
    }

    @Test
    void aThreadThatDidNotGetTheLockIsNotKept() throws Exception {
        LockHandle holder = other.lock("seat").acquire();
        Footprint footprint = engine.footprint();

        assertThat(view.tryLock()).isFalse();
        assertThat(view.tryLock(20, TimeUnit.MILLISECONDS)).isFalse();
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(view::lockInterruptibly);
        Thread waiter = new Thread(
                () -> assertThatExceptionOfType(InterruptedException.class).isThrownBy(view::lockInterruptibly));
        waiter.start();
        await().until(() -> engine.footprint().waiting() == 1);
        waiter.interrupt();
        waiter.join();

        holder.release();
        await().until(() -> engine.footprint().queues() == 0);
        assertThat(engine.footprint())
                .usingRecursiveComparison()
                .ignoringFields("nameWatches", "sessions", "sharedSessions", "unrevoked", "unfinished")
                .isEqualTo(footprint);
    }

    @Test
    void theUnlockOfALostLockForgetsTheThread() {
        view.lock();
        engine.close();
        assertThat(engine.footprint().threadHolds()).isEqualTo(1);

        assertThatExceptionOfType(LockLostException.class).isThrownBy(view::unlock);

        assertThat(engine.footprint()).isEqualTo(NOTHING);
    }

    @Test
    void aThreadThatEndedIsKeptUntilTheEngineIsClosed() throws Exception {
        Thread owner = new Thread(view::lock);
        owner.start();
        owner.join();
        assertThat(engine.footprint().threadHolds()).isEqualTo(1);
        assertThat(view.tryLock()).isFalse();

        engine.close();

        assertThat(engine.footprint()).isEqualTo(NOTHING);
    }
}
