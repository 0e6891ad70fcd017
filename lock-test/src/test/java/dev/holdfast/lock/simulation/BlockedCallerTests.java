package dev.holdfast.lock.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.test.ControllableStore;
import dev.holdfast.lock.test.ControllableStore.Call;
import dev.holdfast.lock.test.ControllableStore.Fate;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Threads that block in the engine, in virtual time. */
class BlockedCallerTests {

    private final World world = new World(1);
    private final Machine machine = new Machine(world, "jvm", 0, 1, () -> {});
    private final ControllableStore store = new ControllableStore(new MemoryServer(machine).connect(), machine);
    private final LockEngine engine =
            new LockEngine(store, machine, EngineOptions.defaults(), new SplittableRandom(1), () -> {});

    private long endedAt = -1;
    private boolean interrupted;

    /** Found by simulation: it stayed for the whole grace that a caller without interrupt has. */
    @Test
    void anInterruptAfterTheWaitHasEndedIsAnsweredAsSoonAsOneWithin() {
        store.fate(Call.TXN, Fate.LOSE_ANSWER);
        SimulatedThread caller = call(Duration.ofMillis(500));
        run(Duration.ofMillis(510));
        assertThat(endedAt).as("still waits for the clean-up").isNegative();

        long interruptedAt = world.now();
        caller.interrupt();
        run(Duration.ofSeconds(1));

        assertThat(Duration.ofNanos(endedAt - interruptedAt)).isBetween(Duration.ZERO, Duration.ofMillis(100));
        assertThat(interrupted).as("the thread's flag").isTrue();
    }

    @Test
    void aWaitWithoutAnswerEndsInItsTime() {
        store.fate(Call.TXN, Fate.LOSE_ANSWER);
        long startedAt = world.now();
        call(Duration.ofMillis(500));

        run(Duration.ofSeconds(1));

        assertThat(Duration.ofNanos(endedAt - startedAt)).isBetween(Duration.ofMillis(500), Duration.ofMillis(700));
        assertThat(interrupted).isFalse();
    }

    private SimulatedThread call(Duration wait) {
        return machine.thread(() -> {
            try {
                engine.lock("seat").tryAcquire(wait);
            } catch (LockException unavailable) {
                // As it should be.
            } catch (InterruptedException interrupt) {
                Thread.currentThread().interrupt();
            }
            interrupted = Thread.interrupted();
            endedAt = world.now();
        });
    }

    private void run(Duration duration) {
        world.runUntil(world.now() + duration.toNanos());
    }
}
