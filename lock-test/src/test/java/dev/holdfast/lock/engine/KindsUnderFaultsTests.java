package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockConflictException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.ReadWriteLeaseLock;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
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
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Semaphores, readers and writers and sets of names on a clock and a network of the test's choice. */
class KindsUnderFaultsTests {

    private static final Duration TTL = Duration.ofSeconds(12);
    private static final Duration WAIT = Duration.ofMinutes(5);
    private static final Duration MOMENT = Duration.ofMillis(1);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ManualTime time = new ManualTime();
    private final MemoryServer server = new MemoryServer(time);
    private final LockStore inspector = server.connect();
    private final ControllableStore store = new ControllableStore(server.connect(), time);
    private final List<String> heard = new ArrayList<>();
    private final LockEngine registry = engine(store, List.of(new Recorder()));
    private final LockEngine other = engine(server.connect(), List.of());

    @Test
    void aSecondDowngradeDoesNotComeBetweenTheReadHoldAndItsEntry() {
        ReadWriteLeaseLock prices = registry.readWriteLock("prices");
        LockHandle writing = acquire(prices.writeLock());
        LockHandle reading = prices.downgrade(writing);

        assertThatThrownBy(() -> prices.downgrade(writing)).isInstanceOf(IllegalStateException.class);

        CompletableFuture<Void> released = reading.releaseAsync();
        assertThat(released).isCompleted();
        assertThat(entries("prices")).isEmpty();
        assertThat(heard).containsExactly("acquired prices", "released prices", "acquired prices", "released prices");
    }

    @Test
    void aReadHoldHearsOfItsLossAfterASecondDowngrade() {
        ReadWriteLeaseLock prices = registry.readWriteLock("prices");
        LockHandle writing = acquire(prices.writeLock());
        LockHandle reading = prices.downgrade(writing);
        assertThatThrownBy(() -> prices.downgrade(writing)).isInstanceOf(IllegalStateException.class);

        delete(entries("prices").get(0).key());
        time.advance(TTL);

        assertThat(reading.isHeld()).isFalse();
        assertThat(reading.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
        assertThat(heard).endsWith("lost prices KEY_DELETED");
    }

    @Test
    void aDowngradeOfAReleasedHoldLeavesNothingThatSeemsHeld() {
        ReadWriteLeaseLock prices = registry.readWriteLock("prices");
        LockHandle writing = acquire(prices.writeLock());
        store.fate(Call.TXN, Fate.LOSE_REQUEST);
        CompletableFuture<Void> released = writing.releaseAsync();

        assertThatThrownBy(() -> prices.downgrade(writing)).isInstanceOf(IllegalStateException.class);

        assertThat(registry.status().held()).isZero();
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        assertThat(released).isCompleted();
        assertThat(entries("prices")).isEmpty();
        assertThat(heard).containsExactly("acquired prices", "released prices");
    }

    @ParameterizedTest
    @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER", "PARK"})
    void aReadHoldIsReleasedWhileItsDowngradeIsInDoubt(Fate fate) {
        ReadWriteLeaseLock prices = registry.readWriteLock("prices");
        LockHandle writing = acquire(prices.writeLock());
        store.fate(Call.TXN, fate);
        CompletableFuture<LockHandle> downgraded = downgradeAsync(prices, writing);
        LockHandle reading = downgraded.join();
        CompletableFuture<Void> writeReleased = writing.releaseAsync();
        CompletableFuture<Void> released = reading.releaseAsync();
        assertThat(released).isNotCompleted();

        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        LockHandle next = acquire(other.lock("prices"));
        store.deliverParked();

        assertThat(writeReleased).isCompleted();
        assertThat(released).isCompleted();
        assertThat(next.isHeld()).isTrue();
        assertThat(entries("prices")).hasSize(1);
        assertThat(entries("prices").get(0).value()).contains("\"exclusive\"");
        assertThat(heard).containsExactly("acquired prices", "released prices", "acquired prices", "released prices");
    }

    @Test
    void aSessionThatEndsDuringADowngradeLosesTheReadHoldOnce() {
        ReadWriteLeaseLock prices = registry.readWriteLock("prices");
        LockHandle writing = acquire(prices.writeLock());
        store.fateOfAll(Fate.LOSE_REQUEST);
        LockHandle reading = downgradeAsync(prices, writing).join();
        CompletableFuture<Void> released = writing.releaseAsync();

        time.advance(TTL.multipliedBy(2));

        assertThat(released).isCompleted();
        assertThat(reading.releaseAsync()).isCompleted();
        assertThat(reading.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.EXPIRED);
        assertThat(heard)
                .containsExactly("acquired prices", "released prices", "acquired prices", "lost prices EXPIRED");
    }

    @Test
    void aReadHoldKeepsTheCapsOfTheWriteHoldItWas() {
        LockOptions options = options().withMaxHold(MINUTE).withHoldAtLeast(Duration.ofSeconds(30));
        ReadWriteLeaseLock prices = registry.readWriteLock("prices", options);
        LockHandle writing = acquire(prices.writeLock());
        time.advance(Duration.ofSeconds(10));
        LockHandle reading = prices.downgrade(writing);
        assertThat(reading.releaseAsync()).isCompleted();

        assertThat(entries("prices").get(0).value()).contains("\"shared\"");
        LockHandle reader = acquire(other.readWriteLock("prices").readLock());
        reader.release();
        assertThat(other.lock("prices").tryAcquire()).isEmpty();
        time.advance(Duration.ofSeconds(20));
        assertThat(other.lock("prices").tryAcquire()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSetKeptFromOthersLeavesNoneOfItsNamesWhenOneWasDeleted(boolean renew) {
        LockHandle handle = acquire(
                registry.allOf(List.of("a", "b"), options().withRenew(renew).withHoldAtLeast(MINUTE)));
        delete(entries("a").get(0).key());

        CompletableFuture<Void> released = handle.releaseAsync();

        assertThat(released).isCompleted();
        assertThat(entries("b")).isEmpty();
        assertThat(other.allOf(List.of("a", "b")).tryAcquire()).isPresent();
    }

    @Test
    void aTryWhoseTurnDoesNotComeInTimeIsNotToldThatAllPermitsAreTaken() {
        warmUp();
        store.delayAnswers(Duration.ofMillis(400));
        LeaseLock pool = registry.semaphore("pool", 20);
        List<CompletableFuture<Optional<LockHandle>>> before =
                IntStream.range(0, 10).mapToObj(i -> pool.tryAcquireAsync(WAIT)).toList();

        CompletableFuture<Optional<LockHandle>> tried = pool.tryAcquireAsync(Duration.ZERO);
        time.advance(Duration.ofSeconds(10));

        assertThat(before).allMatch(each -> each.join().isPresent());
        assertThatThrownBy(tried::join).hasCauseInstanceOf(LockUnavailableException.class);
        assertThat(entries("pool")).hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aContenderThatDisagreesAndIsAboutToGoDisturbsNobodyWhoAgrees(boolean tries) {
        LockHandle permit = acquire(other.semaphore("pool", 3));
        warmUp();
        store.delayAnswers(Duration.ofMillis(100));
        CompletableFuture<Optional<LockHandle>> exclusive =
                registry.lock("pool").tryAcquireAsync(WAIT);
        assertThat(entries("pool")).hasSize(2);

        CompletableFuture<Optional<LockHandle>> agreeing =
                other.semaphore("pool", 3).tryAcquireAsync(tries ? Duration.ZERO : WAIT);
        time.advance(SECOND);

        assertConflict(exclusive);
        assertThat(agreeing).isCompletedWithValueMatching(Optional::isPresent);
        assertThat(permit.isHeld()).isTrue();
    }

    @Test
    void aContenderThatDisagreesAndNeverLeavesIsAConflictAfterAWhile() {
        acquire(other.semaphore("pool", 3));
        warmUp();
        CompletableFuture<Optional<LockHandle>> exclusive = joinWithoutWithdrawing(registry.lock("pool"));

        for (Duration wait : List.of(Duration.ZERO, WAIT)) {
            CompletableFuture<Optional<LockHandle>> agreeing =
                    other.semaphore("pool", 3).tryAcquireAsync(wait);
            time.advance(Duration.ofSeconds(2));
            assertConflict(agreeing);
        }

        assertThat(exclusive).isNotDone();
        assertThat(entries("pool")).hasSize(2);
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        assertConflict(exclusive);
        assertThat(entries("pool")).hasSize(1);
        assertThat(Remains.of(registry)).isEmpty();
    }

    @Test
    void aCallerWhoGivesUpDuringAConflictHearsOfTheConflictAndLeavesNothing() {
        acquire(other.semaphore("pool", 3));
        warmUp();
        store.delayAnswers(MOMENT);
        CompletableFuture<Optional<LockHandle>> exclusive =
                registry.lock("pool").tryAcquireAsync(SECOND);
        store.delayAnswers(Duration.ZERO);
        store.fate(Call.TXN, Fate.LOSE_REQUEST);

        time.advance(Duration.ofMillis(1_200));

        assertConflict(exclusive);
        assertThat(entries("pool")).hasSize(2);
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        assertThat(entries("pool")).hasSize(1);
        assertThat(Remains.of(registry)).isEmpty();
    }

    @Test
    void aConflictWhoseWithdrawalIsNeverAnsweredEndsWithTheSession() {
        acquire(other.semaphore("pool", 3));
        warmUp();
        CompletableFuture<Optional<LockHandle>> exclusive = joinWithoutWithdrawing(registry.lock("pool"));
        store.fateOfAll(Fate.LOSE_REQUEST);

        time.advance(TTL);

        assertConflict(exclusive);
        time.advance(SECOND);
        assertThat(entries("pool")).hasSize(1);
    }

    /** Its entry is put, but the store hears nothing more of it. */
    private CompletableFuture<Optional<LockHandle>> joinWithoutWithdrawing(LeaseLock lock) {
        store.delayAnswers(MOMENT);
        CompletableFuture<Optional<LockHandle>> request = lock.tryAcquireAsync(WAIT);
        assertThat(entries(lock.name())).hasSize(2);
        store.delayAnswers(Duration.ZERO);
        store.fate(Call.TXN, Fate.LOSE_REQUEST);
        time.advance(MOMENT.multipliedBy(2));
        return request;
    }

    private static void assertConflict(CompletableFuture<Optional<LockHandle>> request) {
        assertThat(request).isCompletedExceptionally();
        assertThatThrownBy(request::join).hasCauseInstanceOf(LockConflictException.class);
    }

    /** Whoever downgrades waits in real time, and no answer comes by itself. */
    private static CompletableFuture<LockHandle> downgradeAsync(ReadWriteLeaseLock lock, LockHandle writing) {
        return CompletableFuture.completedFuture(lock.downgrade(writing));
    }

    private void warmUp() {
        acquire(registry.lock("warm-up")).release();
        heard.clear();
    }

    private LockEngine engine(LockStore onStore, List<LockListener> listeners) {
        EngineOptions options = EngineOptions.defaults()
                .withLockDefaults(options())
                .withListeners(listeners)
                .withCloseTimeout(Duration.ofMillis(50))
                .withCallbackExecutor(Runnable::run);
        return new LockEngine(onStore, time, options, new SplittableRandom(42), () -> {});
    }

    private static LockOptions options() {
        return LockOptions.defaults().withTtl(TTL);
    }

    private LockHandle acquire(LeaseLock lock) {
        CompletableFuture<Optional<LockHandle>> request = lock.tryAcquireAsync(WAIT);
        for (int i = 0; i < 100 && !request.isDone(); i++) {
            time.advance(Duration.ofMillis(100));
        }
        assertThat(request).as("request for " + lock.name()).isDone();
        return request.join().orElseThrow();
    }

    private void delete(String key) {
        inspector.txn(Txn.of(new Op.Delete(KeyRange.single(key))), SECOND).join();
    }

    private List<KeyValue> entries(String name) {
        return inspector
                .txn(
                        Txn.of(new Op.Get(KeyRange.prefix("locks/" + name + "/"), Op.Order.OLDEST_FIRST, 0, 0, false)),
                        SECOND)
                .join()
                .keys(0)
                .keys();
    }

    private final class Recorder implements LockListener {

        @Override
        public void acquired(LockHandle handle, LockOptions options, Duration waited) {
            heard.add("acquired " + handle.name());
        }

        @Override
        public void released(LockHandle handle, LockOptions options, Duration held) {
            heard.add("released " + handle.name());
        }

        @Override
        public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
            heard.add("lost " + handle.name() + " " + loss.reason());
        }
    }
}
