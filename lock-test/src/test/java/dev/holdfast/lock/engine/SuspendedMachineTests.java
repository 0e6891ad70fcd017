package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LeadershipListener;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.ControllableStore;
import dev.holdfast.lock.test.ControllableStore.Call;
import dev.holdfast.lock.test.ControllableStore.Fate;
import dev.holdfast.lock.test.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;

/**
 * A machine that slept with a lock for longer than the lease lives, whose monotonic clock does not know, and which goes on before etcd
 * has answered anything: what ends then has lost the lock, whoever ends it.
 */
class SuspendedMachineTests {

    private static final Duration TTL = Duration.ofSeconds(60);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = new ManualTime();
    private final MemoryServer server = new MemoryServer(time);
    private final LockStore inspector = server.connect();
    private final ControllableStore store = new ControllableStore(server.connect(), time);
    private final List<String> heard = new ArrayList<>();
    private final LockRegistry registry = engine(store);
    private final LockRegistry other = engine(server.connect());

    @Test
    void aReleaseTellsTheLoss() {
        LockHandle handle = acquire();
        sleep();
        LockHandle others = other.lock("seat").tryAcquire().orElseThrow();

        handle.release();

        assertLost(handle);
        assertThat(others.isHeld()).isTrue();
    }

    @Test
    void anAsynchronousReleaseTellsTheLoss() {
        LockHandle handle = acquire();
        sleep();

        assertThat(handle.releaseAsync()).isNotNull();

        assertLost(handle);
    }

    @Test
    void whoRunsATaskIsToldThatItsLockWasLost() {
        assertThatExceptionOfType(LockLostException.class)
                .isThrownBy(() -> registry.lock("seat").run(this::sleep))
                .withMessageContaining("clock");
        assertThat(heard).containsExactly("lost seat");
    }

    @Test
    void anUnlockTellsTheLoss() {
        Lock lock = registry.lock("seat").asLock();
        lock.lock();
        sleep();

        assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::unlock);
    }

    @Test
    void aDowngradeTellsTheLossAndLeavesNothing() {
        LockHandle handle =
                registry.readWriteLock("seat").writeLock().tryAcquire().orElseThrow();
        stepTheClock();

        assertThatExceptionOfType(LockLostException.class)
                .isThrownBy(() -> registry.readWriteLock("seat").downgrade(handle));

        assertThat(handle.loss()).isPresent();
        settle();
        assertThat(entries()).isZero();
    }

    /** To us it looks the same, so the hold counts as lost, but etcd has it still: it must not stay. */
    @Test
    void aStepOfTheClockLeavesNoEntryBehind() {
        LockHandle handle = acquire();
        stepTheClock();

        handle.release();

        assertLost(handle);
        settle();
        assertThat(entries()).isZero();
        assertThat(registry.lock("seat").tryAcquire()).isPresent();
    }

    @Test
    void aSmallStepOfTheClockIsNoLoss() {
        LockHandle handle = acquire();
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_REQUEST);
        time.stepWallClock(TTL.minusSeconds(2));

        handle.release();

        assertThat(handle.loss()).isEmpty();
        assertThat(heard).containsExactly("released seat");
    }

    @Test
    void aConfirmedHoldIsReleasedHoweverFarTheClockWasSet() {
        LockHandle handle = acquire();
        time.stepWallClock(Duration.ofDays(1));
        assertThat(handle.isHeld()).isFalse();
        time.advance(SECOND);
        assertThat(handle.isHeld()).isTrue();

        handle.release();

        assertThat(heard).containsExactly("released seat");
    }

    @Test
    void aLeaderWhoResignsAfterItLeavesNoEntryBehind() {
        LeaderElection.Candidacy candidacy = registry.election("chair").stand("me", new LeadershipListener() {
            @Override
            public void elected(Leadership leadership) {}

            @Override
            public void revoked(Leadership leadership) {
                heard.add("revoked");
            }
        });
        time.advance(SECOND);
        assertThat(candidacy.isLeader()).isTrue();
        stepTheClock();

        candidacy.close();

        settle();
        assertThat(heard).contains("revoked");
        assertThat(read("locks/chair/")).isZero();
    }

    /** The audit that would confirm it had just been made. */
    @Test
    void aHoldThatIsNotRenewedIsConfirmedSoonAfterAStepOfTheClock() {
        LockHandle handle =
                registry.lock("seat", options().withRenew(false)).tryAcquire().orElseThrow();
        time.advance(new SessionTiming(TTL).renewEvery().plusMillis(1));
        time.stepWallClock(Duration.ofSeconds(20));
        assertThat(handle.isHeld()).isFalse();

        time.advance(SECOND);

        assertThat(handle.isHeld()).isTrue();
    }

    /** Its answer says nothing of the time after the step. */
    @Test
    void anAuditUnderWayWhenTheClockIsSetIsFollowedByAnother() {
        LockHandle handle =
                registry.lock("seat", options().withRenew(false)).tryAcquire().orElseThrow();
        store.delayAnswers(SECOND);
        time.advance(new SessionTiming(TTL).renewEvery().plusMillis(1));
        time.stepWallClock(Duration.ofSeconds(20));
        time.advance(SECOND);
        store.delayAnswers(Duration.ZERO);
        handle.isHeld();

        time.advance(new SessionTiming(TTL).hedgeAfter().plusSeconds(1));

        assertThat(handle.isHeld()).isTrue();
    }

    private void assertLost(LockHandle handle) {
        assertThat(handle.loss())
                .hasValueSatisfying(loss -> assertThat(loss.reason()).isEqualTo(LockLoss.Reason.EXPIRED));
        assertThat(handle.lost().toCompletableFuture()).isDone();
        assertThat(heard).containsExactly("lost seat");
    }

    /** For an hour. etcd went on meanwhile, and does not answer yet. */
    private void sleep() {
        stepTheClock();
        registry.status()
                .sessions()
                .forEach(session -> inspector
                        .revoke(Long.parseUnsignedLong(session.lease(), 16), SECOND)
                        .join());
    }

    private void stepTheClock() {
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_REQUEST);
        time.stepWallClock(Duration.ofHours(1));
    }

    private void settle() {
        store.fate(Call.KEEP_ALIVE, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
    }

    private LockHandle acquire() {
        return registry.lock("seat").tryAcquire().orElseThrow();
    }

    private long entries() {
        return read("locks/seat/");
    }

    private long read(String prefix) {
        return inspector
                .txn(Txn.of(new Op.Get(KeyRange.prefix(prefix), Op.Order.OLDEST_FIRST, 0, 0, false)), SECOND)
                .join()
                .keys(0)
                .keys()
                .size();
    }

    private static LockOptions options() {
        return LockOptions.defaults().withTtl(TTL);
    }

    private LockRegistry engine(LockStore on) {
        EngineOptions options = EngineOptions.defaults()
                .withLockDefaults(options())
                .withListeners(List.of(new LockListener() {
                    @Override
                    public void released(LockHandle handle, LockOptions by, Duration held) {
                        heard.add("released " + handle.name());
                    }

                    @Override
                    public void lost(LockHandle handle, LockOptions by, LockLoss loss, Duration held) {
                        heard.add("lost " + handle.name());
                    }
                }))
                .withCallbackExecutor(Runnable::run);
        return new LockEngine(on, time, options, new SplittableRandom(42), () -> {});
    }
}
