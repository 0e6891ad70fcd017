package dev.holdfast.lock.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.test.ControllableStore;
import dev.holdfast.lock.test.ControllableStore.Fate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;

/**
 * A machine that slept with a lock for longer than the lease lives, whose monotonic clock does not know, and which goes on before etcd
 * has answered anything. To us a step of the wall clock looks the same, so etcd is asked before a release counts as one in time.
 */
class SuspendedMachineTests {

    private static final Duration ROUND_TRIP = Duration.ofMillis(200);
    private static final Duration HOUR = Duration.ofHours(1);

    private final World world = new World(1);
    private final Machine machine = new Machine(world, "jvm", 0, 1, () -> {});
    private final MemoryServer server = new MemoryServer(machine);
    private final ControllableStore store = new ControllableStore(server.connect(), machine);
    private final List<String> heard = new ArrayList<>();
    private final LockEngine engine = new LockEngine(
            store,
            machine,
            EngineOptions.defaults().withListeners(List.of(new Recorder())),
            new SplittableRandom(1),
            () -> {});

    @Test
    void aReleaseTellsTheLoss() {
        live(() -> {
            LockHandle handle = acquire();
            sleep();

            handle.release();

            assertThat(handle.loss())
                    .hasValueSatisfying(loss -> assertThat(loss.reason()).isEqualTo(LockLoss.Reason.LEASE_GONE));
            assertThat(heard).doesNotContain("released");
        });
    }

    @Test
    void whoRunsATaskIsToldThatItsLockWasLost() {
        live(() -> assertThatExceptionOfType(LockLostException.class)
                .isThrownBy(() -> engine.lock("seat").run(this::sleep)));
    }

    @Test
    void anUnlockTellsTheLoss() {
        live(() -> {
            Lock lock = engine.lock("seat").asLock();
            lock.lock();
            sleep();

            assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::unlock);
        });
    }

    @Test
    void aStepOfTheClockCostsAReleaseOneQuestion() {
        live(() -> {
            LockHandle handle = acquire();
            store.delayAnswers(ROUND_TRIP);
            machine.stepWallClock(HOUR.toMillis());
            long before = world.now();

            handle.release();

            assertThat(handle.loss()).isEmpty();
            assertThat(heard).containsExactly("released");
            assertThat(took(before)).isBetween(ROUND_TRIP.multipliedBy(2), ROUND_TRIP.multipliedBy(3));
        });
    }

    @Test
    void aHoldThatIsNotRenewedIsAskedForToo() {
        live(() -> {
            LockHandle handle =
                    engine.lock("seat", LockOptions.defaults().withRenew(false)).acquire();
            store.delayAnswers(ROUND_TRIP);
            machine.stepWallClock(HOUR.toMillis());

            handle.release();

            assertThat(heard).containsExactly("released");
        });
    }

    /** The holder is wanted back; nobody can know. */
    @Test
    void aReleaseWaitsNoLongerForTheQuestionThanForItself() {
        live(() -> {
            LockHandle handle = acquire();
            store.fateOfAll(Fate.LOSE_REQUEST);
            machine.stepWallClock(HOUR.toMillis());
            long before = world.now();

            handle.release();

            Duration limit = EngineOptions.defaults().requestTimeout();
            assertThat(took(before)).isBetween(limit, limit.plusMillis(100));
            assertThat(handle.isHeld()).isFalse();
        });
    }

    @Test
    void aSmallStepOfTheClockCostsAReleaseNothing() {
        live(() -> {
            LockHandle handle = acquire();
            store.delayAnswers(ROUND_TRIP);
            machine.stepWallClock(LockOptions.defaults().ttl().minusSeconds(2).toMillis());
            long before = world.now();

            handle.release();

            assertThat(heard).containsExactly("released");
            assertThat(took(before)).isLessThan(ROUND_TRIP.multipliedBy(2));
        });
    }

    /** The audit that would confirm it had just been made. */
    @Test
    void aHoldThatIsNotRenewedIsConfirmedSoonAfterAStepOfTheClock() {
        LockOptions options = LockOptions.defaults().withRenew(false).withTtl(Duration.ofMinutes(5));
        LockHandle[] handle = new LockHandle[1];
        live(() -> handle[0] = engine.lock("seat", options).acquire());
        run(Duration.ofSeconds(51));
        machine.stepWallClock(Duration.ofSeconds(20).toMillis());
        live(() -> assertThat(handle[0].isHeld()).isFalse());

        run(Duration.ofSeconds(1));

        live(() -> assertThat(handle[0].isHeld()).isTrue());
    }

    /** Its answer says nothing of the time after the step. */
    @Test
    void anAuditUnderWayWhenTheClockIsSetIsFollowedByAnother() {
        LockOptions options = LockOptions.defaults().withRenew(false).withTtl(Duration.ofMinutes(5));
        LockHandle[] handle = new LockHandle[1];
        live(() -> handle[0] = engine.lock("seat", options).acquire());
        store.delayAnswers(Duration.ofSeconds(1));
        run(Duration.ofMillis(49_500));
        machine.stepWallClock(Duration.ofSeconds(20).toMillis());
        run(Duration.ofSeconds(2));
        store.delayAnswers(Duration.ZERO);
        live(() -> handle[0].isHeld());

        run(Duration.ofSeconds(17));

        live(() -> assertThat(handle[0].isHeld()).isTrue());
    }

    /** For an hour. etcd went on meanwhile, and answers a while after. */
    private void sleep() {
        store.delayAnswers(ROUND_TRIP);
        machine.stepWallClock(HOUR.toMillis());
        engine.status()
                .sessions()
                .forEach(session -> server.connect()
                        .revoke(Long.parseUnsignedLong(session.lease(), 16), ROUND_TRIP)
                        .join());
    }

    private LockHandle acquire() throws InterruptedException {
        return engine.lock("seat").acquire();
    }

    private Duration took(long before) {
        return Duration.ofNanos(world.now() - before);
    }

    private interface Life {
        void live() throws InterruptedException;
    }

    private void live(Life life) {
        Object[] ended = new Object[1];
        machine.thread(() -> {
            try {
                life.live();
                ended[0] = "well";
            } catch (InterruptedException | RuntimeException | Error failure) {
                ended[0] = failure;
            }
        });
        run(Duration.ofSeconds(10));
        assertThat(ended[0]).isEqualTo("well");
    }

    private void run(Duration duration) {
        world.runUntil(world.now() + duration.toNanos());
    }

    private final class Recorder implements LockListener {

        @Override
        public void released(LockHandle handle, LockOptions options, Duration held) {
            heard.add("released");
        }

        @Override
        public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
            heard.add("lost");
        }
    }
}
