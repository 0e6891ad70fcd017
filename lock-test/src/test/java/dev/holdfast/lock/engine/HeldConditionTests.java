package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.ReadWriteLeaseLock;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The condition by which the store shows a hold, above all where holds follow each other inside one process. */
class HeldConditionTests {

    private static final Duration TTL = Duration.ofSeconds(12);
    private static final Duration WAIT = Duration.ofMinutes(5);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = new ManualTime();
    private final MemoryServer server = new MemoryServer(time);
    private final LockStore inspector = server.connect();
    private final ControllableStore store = new ControllableStore(server.connect(), time);
    private Consumer<LockHandle> onAcquired = handle -> {};
    private final LockEngine registry = engine(store);
    private final LockEngine other = engine(server.connect());
    private final LeaseLock lock = registry.lock("orders");

    @Test
    void itIsTrueFromTheGrantToTheRelease() {
        LockHandle hold = acquire(lock);
        HeldCondition condition = HeldCondition.of(hold);

        assertThat(holds(condition)).isTrue();
        hold.release();

        assertThat(holds(condition)).isFalse();
        LockHandle next = acquire(lock);
        assertThat(holds(condition)).as("under the next hold").isFalse();
        assertThat(holds(HeldCondition.of(next))).isTrue();
    }

    @Test
    void whoAskedForItIsNotPassedOn() {
        LockHandle first = acquire(lock);
        HeldCondition former = HeldCondition.of(first);
        CompletableFuture<Optional<LockHandle>> waiting = lock.tryAcquireAsync(WAIT);
        int before = store.count(Call.TXN);

        first.release();
        LockHandle second = held(waiting);

        assertThat(second.isHeld()).isTrue();
        assertThat(holds(former)).as("of the former holder").isFalse();
        assertThat(store.count(Call.TXN) - before)
                .as("one goes and the next comes")
                .isEqualTo(1);
        assertThat(holds(HeldCondition.of(second))).isTrue();
    }

    @Test
    void aHoldThatWasPassedOnHasOneOfItsOwn() {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> waiting = lock.tryAcquireAsync(WAIT);
        CompletableFuture<Optional<LockHandle>> last = lock.tryAcquireAsync(WAIT);
        int before = store.count(Call.TXN);
        first.release();
        LockHandle second = held(waiting);
        assertThat(store.count(Call.TXN) - before).as("passed on").isZero();

        HeldCondition condition = HeldCondition.of(second);

        assertThat(holds(condition)).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> HeldCondition.of(first));
        second.release();
        assertThat(held(last).isHeld()).isTrue();
        assertThat(holds(condition)).isFalse();
    }

    @Test
    void aTokenDrawnLaterLeavesItTrue() {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> waiting = lock.tryAcquireAsync(WAIT);
        first.release();
        LockHandle second = held(waiting);
        HeldCondition condition = HeldCondition.of(second);

        assertThat(second.fencingToken()).isGreaterThan(first.fencingToken());

        assertThat(holds(condition)).isTrue();
    }

    @Test
    void whoWasPausedBeyondItsLeaseFindsItFalse() {
        LockHandle paused = acquire(lock);
        HeldCondition condition = HeldCondition.of(paused);
        CompletableFuture<Optional<LockHandle>> waiting = other.lock("orders").tryAcquireAsync(WAIT);
        store.fateOfAll(Fate.LOSE_REQUEST);

        time.advance(TTL.multipliedBy(2));

        assertThat(held(waiting).isHeld()).isTrue();
        assertThat(holds(condition)).isFalse();
        assertThatThrownBy(() -> HeldCondition.of(paused)).isInstanceOf(LockLostException.class);
    }

    @Test
    void oneNameOfSeveralThatIsLostMakesItFalse() {
        LockHandle both = acquire(registry.allOf(List.of("orders", "stock")));
        HeldCondition condition = HeldCondition.of(both);
        assertThat(both.names()).containsExactly("orders", "stock");
        assertThat(holds(condition)).isTrue();

        inspector
                .txn(Txn.of(new Op.Delete(KeyRange.prefix("locks/stock/"))), SECOND)
                .join();

        assertThat(holds(condition)).isFalse();
    }

    @Test
    void ofAWriterItIsFalseWhenOthersMayRead() {
        ReadWriteLeaseLock prices = registry.readWriteLock("orders");
        LockHandle writing = acquire(prices.writeLock());
        HeldCondition ofWriter = HeldCondition.of(writing);
        assertThat(holds(ofWriter)).isTrue();

        LockHandle reading = prices.downgrade(writing);

        assertThat(holds(ofWriter)).isFalse();
        HeldCondition ofReader = HeldCondition.of(reading);
        assertThat(holds(ofReader)).isTrue();
        reading.release();
        assertThat(holds(ofReader)).isFalse();
    }

    @Test
    void aWriterWhoAskedForItIsNotPassedOnWhileItBecomesAReader() {
        LockHandle writing = acquire(lock);
        HeldCondition condition = HeldCondition.of(writing);
        CompletableFuture<Optional<LockHandle>> waiting = lock.tryAcquireAsync(WAIT);
        // Released before the store has heard that it reads only.
        onAcquired = reading -> {
            onAcquired = next -> {};
            reading.releaseAsync();
        };

        LockHandle reading = registry.readWriteLock("orders").downgrade(writing);

        assertThat(reading.isHeld()).isFalse();
        assertThat(held(waiting).isHeld()).isTrue();
        assertThat(holds(condition)).isFalse();
    }

    @Test
    void permitsAndReadersHaveOneEach() {
        LockHandle permit = acquire(registry.semaphore("exports", 2));
        LockHandle another = acquire(registry.semaphore("exports", 2));
        HeldCondition condition = HeldCondition.of(permit);
        HeldCondition ofAnother = HeldCondition.of(another);
        LockHandle reader = acquire(registry.readWriteLock("prices").readLock());

        permit.release();

        assertThat(holds(condition)).isFalse();
        assertThat(holds(ofAnother)).isTrue();
        assertThat(holds(HeldCondition.of(reader))).isTrue();
    }

    @Test
    void aLeaderHasItWhateverItSays() throws InterruptedException {
        var election = registry.election("billing");
        var term = election.campaign("host-1:8080");
        HeldCondition condition = HeldCondition.of(term);

        term.proclaim("host-1:9090");

        assertThat(holds(condition)).isTrue();
        term.release();
        assertThat(holds(condition)).isFalse();
    }

    private boolean holds(HeldCondition condition) {
        return inspector
                .txn(new Txn(condition.compares(), List.of(), List.of()), SECOND)
                .join()
                .succeeded();
    }

    private LockHandle held(CompletableFuture<Optional<LockHandle>> granted) {
        // What a watch tells arrives at once, but on the clock's thread.
        for (int i = 0; i < 10 && !granted.isDone(); i++) {
            time.advance(Duration.ofNanos(1));
        }
        assertThat(granted).isCompletedWithValueMatching(Optional::isPresent);
        return granted.join().orElseThrow();
    }

    private LockHandle acquire(LeaseLock of) {
        return held(of.tryAcquireAsync(WAIT));
    }

    private LockEngine engine(LockStore onStore) {
        EngineOptions options = EngineOptions.defaults()
                .withLockDefaults(LockOptions.defaults().withTtl(TTL))
                .withListeners(List.of(new LockListener() {
                    @Override
                    public void acquired(LockHandle handle, LockOptions options, Duration waited) {
                        onAcquired.accept(handle);
                    }
                }))
                .withCallbackExecutor(Runnable::run);
        return new LockEngine(onStore, time, options);
    }
}
