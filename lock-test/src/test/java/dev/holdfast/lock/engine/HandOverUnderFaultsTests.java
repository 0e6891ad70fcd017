package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.HandOver;
import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.ReadWriteLeaseLock;
import dev.holdfast.lock.ReleaseMode;
import dev.holdfast.lock.memory.MemoryServer;
import dev.holdfast.lock.store.KeyRange;
import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.LockStore;
import dev.holdfast.lock.store.Op;
import dev.holdfast.lock.store.StoreException;
import dev.holdfast.lock.store.Txn;
import dev.holdfast.lock.test.ControllableStore;
import dev.holdfast.lock.test.ControllableStore.Call;
import dev.holdfast.lock.test.ControllableStore.Fate;
import dev.holdfast.lock.test.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Locks passed on inside a process, on a clock and a network of the test's choice. */
class HandOverUnderFaultsTests {

    private static final Duration TTL = Duration.ofSeconds(12);
    private static final Duration WAIT = Duration.ofMinutes(5);
    private static final Duration MOMENT = Duration.ofMillis(1);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration BOUND = Duration.ofMillis(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofMillis(200);

    private final ManualTime time = new ManualTime();
    private final MemoryServer server = new MemoryServer(time);
    private final LockStore inspector = server.connect();
    private final ControllableStore store = new ControllableStore(server.connect(), time);
    private final List<String> heard = new ArrayList<>();
    private Consumer<LockHandle> onAcquired = handle -> {};
    private final LockEngine registry = engine(store, HandOver.defaults(), ReleaseMode.SYNC);
    private final LockEngine other = engine(server.connect(), HandOver.defaults(), ReleaseMode.SYNC);
    private final LeaseLock lock = registry.lock("orders");

    @Test
    void aLockIsPassedOnWithoutARequest() {
        LockHandle first = acquire(lock);
        List<CompletableFuture<Optional<LockHandle>>> waiting = waiters(5);
        int before = store.count(Call.TXN);

        first.release();
        for (CompletableFuture<Optional<LockHandle>> next : waiting) {
            held(next).release();
        }

        assertThat(store.count(Call.TXN) - before).as("the last release").isEqualTo(1);
        assertThat(entries()).isEmpty();
        assertThat(Remains.of(registry)).isEmpty();
    }

    @Test
    void theReleaserHasGivenUpTheLockBeforeTheNextHasIt() {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(WAIT);
        next.thenAccept(granted -> heard.add("first held: " + first.isHeld()));

        first.release();

        assertThat(heard).contains("first held: false");
        assertThat(held(next).isHeld()).isTrue();
    }

    @Test
    void othersComeAfterSoManyHolds() {
        LockEngine few = engine(store, new HandOver(true, 2, SECOND), ReleaseMode.SYNC);
        LockHandle foreign = acquire(other.lock("orders"));
        List<CompletableFuture<Optional<LockHandle>>> ours = IntStream.range(0, 6)
                .mapToObj(i -> few.lock("orders").tryAcquireAsync(WAIT))
                .toList();
        CompletableFuture<Optional<LockHandle>> theirs = null;
        foreign.release();
        theirs = other.lock("orders").tryAcquireAsync(WAIT);

        held(ours.get(0)).release();
        held(ours.get(1)).release();
        assertThat(theirs).isNotDone();
        LockHandle third = held(ours.get(2));
        third.release();

        assertThat(ours.get(3)).isNotDone();
        held(theirs).release();
        assertThat(held(ours.get(3)).isHeld()).isTrue();
        assertThat(entries()).hasSize(1);
    }

    @Test
    void othersComeAfterSoMuchTime() {
        LockHandle foreign = acquire(other.lock("orders"));
        List<CompletableFuture<Optional<LockHandle>>> ours = waiters(3);
        foreign.release();
        CompletableFuture<Optional<LockHandle>> theirs = other.lock("orders").tryAcquireAsync(WAIT);
        time.advance(BOUND);

        held(ours.get(0)).release();

        assertThat(ours.get(1)).isNotDone();
        held(theirs).release();
        assertThat(held(ours.get(1)).isHeld()).isTrue();
    }

    @Test
    void aTurnEndsByOneTransaction() {
        LockHandle foreign = acquire(other.lock("orders"));
        List<CompletableFuture<Optional<LockHandle>>> ours = waiters(2);
        foreign.release();
        LockHandle mine = held(ours.get(0));
        CompletableFuture<Optional<LockHandle>> theirs = other.lock("orders").tryAcquireAsync(WAIT);
        time.advance(BOUND);
        int before = store.count(Call.TXN);

        store.silenceWatches(true);
        mine.release();

        assertThat(store.count(Call.TXN) - before).isEqualTo(1);
        assertThat(held(theirs).isHeld()).isTrue();
        assertThat(entries()).hasSize(2);
    }

    @Test
    void aProcessAloneGoesOnAsLongAsItIsAloneAndLooksForOthers() {
        LockHandle hold = acquire(lock);
        for (int i = 0; i < 1_000; i++) {
            hold = passed(hold);
        }
        String entry = entries().get(0).key();
        long createdAt = entries().get(0).createRevision();
        for (int i = 0; i < 1_000; i++) {
            time.advance(MOMENT);
            hold = passed(hold);
        }
        assertThat(entries()).hasSize(1);
        assertThat(entries().get(0).key()).isEqualTo(entry);
        assertThat(entries().get(0).createRevision()).isEqualTo(createdAt);

        CompletableFuture<Optional<LockHandle>> theirs = other.lock("orders").tryAcquireAsync(WAIT);
        for (int i = 0; i < 11 && !theirs.isDone(); i++) {
            time.advance(MOMENT);
            CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(WAIT);
            hold.release();
            if (next.isDone()) {
                hold = held(next);
            }
        }
        assertThat(theirs).isCompleted();
    }

    @Test
    void whoCannotLookForOthersGivesTheLockBack() {
        LockHandle hold = acquire(lock);
        time.advance(BOUND.dividedBy(2));
        store.fate(Call.TXN, Fate.LOSE_REQUEST);
        hold = passed(hold);
        time.advance(BOUND.multipliedBy(4));
        hold = passed(hold);
        CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(WAIT);
        time.advance(BOUND);

        hold.releaseAsync();

        assertThat(next).isNotDone();
        store.fate(Call.TXN, Fate.PASS);
        time.advance(SECOND);
        assertThat(next).isCompleted();
        assertThat(entries()).hasSize(1);
    }

    /** The watch tells of the holder's entry first, but the waiter's went at the same revision. */
    @Test
    void whoseEntryIsDeletedTogetherWithTheHoldersGetsNothing() {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> theirs = other.lock("orders").tryAcquireAsync(WAIT);
        first.release();
        held(theirs).release();
        acquire(lock);
        CompletableFuture<Optional<LockHandle>> waiting = other.lock("orders").tryAcquireAsync(WAIT);
        assertThat(entries()).hasSize(2);

        inspector
                .txn(Txn.of(new Op.Delete(KeyRange.prefix("locks/orders/"))), SECOND)
                .join();
        time.advance(SECOND);

        assertThat(waiting).isCompletedExceptionally();
    }

    @Test
    void aTokenIsDrawnWhenItIsAskedForAndNotBefore() {
        LockHandle first = acquire(lock);
        long revision = entries().get(0).modRevision();
        LockHandle second = passed(first);
        LockHandle third = passed(second);
        assertThat(entries().get(0).modRevision()).isEqualTo(revision);

        long token = third.fencingToken();

        assertThat(token)
                .isGreaterThan(first.fencingToken())
                .isEqualTo(entries().get(0).modRevision());
        assertThat(third.fencingToken()).isEqualTo(token);
        LockHandle fourth = passed(third);
        assertThat(fourth.fencingToken()).isGreaterThan(token);
        assertThat(third.fencingToken()).isEqualTo(token);
        assertThatThrownBy(second::fencingToken).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whoWaitedHasAGreaterTokenThanThoseDrawnMeanwhile() {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> theirs = other.lock("orders").tryAcquireAsync(WAIT);
        LockHandle second = passed(first);
        long drawn = second.fencingToken();

        second.release();

        assertThat(held(theirs).fencingToken()).isGreaterThan(drawn);
        assertThat(passedIn(other, held(theirs)).fencingToken())
                .isGreaterThan(held(theirs).fencingToken());
    }

    @Test
    void theEntrySaysWhoDrewAToken() {
        LockHandle first = acquire(lock);
        LockHandle second = passed(first);
        String before = entries().get(0).value();
        time.advance(MOMENT);

        second.fencingToken();

        assertThat(entries().get(0).value()).isNotEqualTo(before).contains("\"exclusive\"", "\"since\"");
        assertThat(entries().get(0).leaseId()).isNotZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER", "PARK"})
    void aDrawWithoutAnswerLeavesTheHoldAsItIs(Fate fate) {
        LockHandle second = passed(acquire(lock));
        store.fate(Call.TXN, fate);

        assertThatThrownBy(second::fencingToken)
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("held still");

        assertThat(second.isHeld()).isTrue();
        store.fate(Call.TXN, Fate.PASS);
        time.advance(REQUEST_TIMEOUT);
        long token = second.fencingToken();
        store.deliverParked();
        assertThat(passed(second).fencingToken()).isGreaterThan(token);
    }

    @Test
    void aDrawThatComesLateGivesNobodyAToken() {
        LockHandle second = passed(acquire(lock));
        store.fate(Call.TXN, Fate.PARK);
        assertThatThrownBy(second::fencingToken).isInstanceOf(LockUnavailableException.class);
        store.fate(Call.TXN, Fate.PASS);
        LockHandle third = passed(second);
        time.advance(REQUEST_TIMEOUT);
        long token = third.fencingToken();

        store.deliverParked();
        time.advance(SECOND);

        assertThat(entries().get(0).modRevision()).isEqualTo(token);
        assertThatThrownBy(second::fencingToken).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theDrawOfAHoldWhoseKeyIsGoneTellsTheLoss() {
        LockHandle second = passed(acquire(lock));
        delete(entries().get(0).key());

        assertThatThrownBy(second::fencingToken).isInstanceOf(LockLostException.class);

        assertThat(second.isHeld()).isFalse();
        assertThat(second.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
        assertThat(second.loss().orElseThrow().fencingToken()).isZero();
    }

    @Test
    void aDrawRefusedForGoodSaysSo() {
        LockHandle second = passed(acquire(lock));
        store.failWith(Call.TXN, new StoreException(StoreException.Kind.PERMISSION_DENIED, "no", null));

        assertThatThrownBy(second::fencingToken)
                .isInstanceOf(LockUnavailableException.class)
                .hasMessageContaining("etcd refused");

        assertThat(second.isHeld()).isTrue();
    }

    @Test
    void aLossIsToldToTheOneWhoHoldsNow() {
        LockHandle first = acquire(lock);
        LockHandle second = passed(first);
        CompletableFuture<Optional<LockHandle>> waiting = lock.tryAcquireAsync(WAIT);
        store.fateOfAll(Fate.LOSE_REQUEST);

        time.advance(TTL);

        assertThat(first.loss()).isEmpty();
        assertThat(second.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.EXPIRED);
        assertThat(heard.stream().filter(event -> event.startsWith("lost"))).containsExactly("lost orders EXPIRED");
        assertThat(waiting).isNotDone();
        store.fateOfAll(Fate.PASS);
        time.advance(TTL);
        assertThat(held(waiting).isHeld()).isTrue();
    }

    @Test
    void nothingIsPassedOnWithoutALeaseToRelyOn() {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(WAIT);
        time.stepWallClock(Duration.ofMinutes(1));
        store.fate(Call.KEEP_ALIVE, Fate.LOSE_REQUEST);

        first.release();

        assertThat(next).isNotDone();
        assertThat(entries()).hasSize(1);
        store.fate(Call.KEEP_ALIVE, Fate.PASS);
        time.advance(Duration.ofSeconds(3));
        assertThat(held(next).isHeld()).isTrue();
    }

    @Test
    void aKeySomebodyDeletedIsMissedWhileTheLockIsPassedOn() {
        LockHandle hold = acquire(lock);
        delete(entries().get(0).key());
        time.advance(BOUND.dividedBy(2));

        LockHandle next = passed(hold);

        assertThat(next.isHeld()).isFalse();
        assertThat(next.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
        assertThat(acquire(lock).isHeld()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER", "PARK"})
    void aTurnThatEndsInDoubtLeavesOneEntry(Fate fate) {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(WAIT);
        time.advance(BOUND);
        CompletableFuture<Optional<LockHandle>> theirs = other.lock("orders").tryAcquireAsync(WAIT);
        store.fate(Call.TXN, fate);

        CompletableFuture<Void> released = first.releaseAsync();
        assertThat(next).isNotDone();
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));

        assertThat(released).isCompleted();
        held(theirs).release();
        assertThat(held(next).isHeld()).isTrue();
        long token = entries().get(0).createRevision();
        store.deliverParked();
        time.advance(TTL);
        assertThat(entries()).hasSize(1);
        assertThat(entries().get(0).createRevision()).isEqualTo(token);
        assertThat(held(next).isHeld()).isTrue();
        held(next).release();
        assertThat(entries()).isEmpty();
        assertThat(Remains.of(registry)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER", "PARK"})
    void whoGivesUpWhileTheTurnEndsInDoubtLeavesNothing(Fate fate) {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(WAIT);
        time.advance(BOUND);
        store.fate(Call.TXN, fate);
        CompletableFuture<Void> released = first.releaseAsync();

        next.cancel(false);
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        store.deliverParked();
        time.advance(TTL);

        assertThat(released).isCompleted();
        assertThat(entries()).isEmpty();
        assertThat(Remains.of(registry)).isEmpty();
    }

    @Test
    void aLeaseThatEndsWhileTheTurnEndsLeavesTheRequestAlive() {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(WAIT);
        time.advance(BOUND);
        store.fateOfAll(Fate.LOSE_REQUEST);
        first.releaseAsync();

        time.advance(TTL);
        store.fateOfAll(Fate.PASS);
        time.advance(TTL);

        assertThat(held(next).isHeld()).isTrue();
        assertThat(entries()).hasSize(1);
        assertThat(heard).noneMatch(event -> event.startsWith("lost"));
    }

    @Test
    void aClosedRegistryLeavesNothingWhileATurnEnds() {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(WAIT);
        time.advance(BOUND);
        store.delayAnswers(MOMENT);
        CompletableFuture<Void> released = first.releaseAsync();
        store.delayAnswers(Duration.ZERO);

        registry.close();
        time.advance(SECOND);

        assertThat(released).isCompleted();
        assertThatThrownBy(next::join).hasCauseInstanceOf(LockUnavailableException.class);
        assertThat(entries()).isEmpty();
        assertThat(Remains.of(registry)).isEmpty();
    }

    @Test
    void whoseTimeIsUpWhileTheTurnEndsHearsThatOthersHadTheLock() {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(BOUND.plus(MOMENT));
        CompletableFuture<Optional<LockHandle>> last = lock.tryAcquireAsync(BOUND.plus(MOMENT));
        time.advance(BOUND);
        store.delayAnswers(MOMENT.multipliedBy(5));

        first.releaseAsync();
        time.advance(MOMENT.multipliedBy(30));

        assertThat(next).isCompletedWithValue(Optional.empty());
        assertThat(last).isCompletedWithValue(Optional.empty());
    }

    static Stream<UnaryOperator<LockOptions>> whatNeedsAnEntryOfItsOwn() {
        return Stream.of(
                options -> options.withTtl(TTL.plus(SECOND)),
                options -> options.withRenew(false),
                options -> options.withMetadata(Map.of("job", "nightly")));
    }

    @ParameterizedTest
    @MethodSource
    void whatNeedsAnEntryOfItsOwn(UnaryOperator<LockOptions> change) {
        LockHandle first = acquire(lock);
        CompletableFuture<Optional<LockHandle>> next =
                registry.lock("orders", change.apply(options())).tryAcquireAsync(WAIT);
        long before = entries().get(0).createRevision();

        first.release();

        assertThat(held(next).isHeld()).isTrue();
        assertThat(entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.createRevision())
                        .isGreaterThan(before)
                        .isEqualTo(held(next).fencingToken()));
    }

    @Test
    void candidatesAreNeverPassedOn() throws InterruptedException {
        LockHandle leader =
                registry.election("orders").campaign("a", Duration.ZERO).orElseThrow();
        CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(WAIT);
        long before = entries().get(0).createRevision();

        leader.release();

        assertThat(held(next).isHeld()).isTrue();
        assertThat(entries().get(0).createRevision()).isGreaterThan(before);
    }

    @Test
    void whatMustBeHeldAtLeastIsNotPassedOn() {
        LeaseLock nightly = registry.lock("orders", options().withHoldAtLeast(SECOND));
        LockHandle first = acquire(nightly);
        CompletableFuture<Optional<LockHandle>> next = nightly.tryAcquireAsync(WAIT);

        first.release();

        assertThat(next).isNotDone();
        time.advance(SECOND.plus(SECOND));
        assertThat(held(next).isHeld()).isTrue();
    }

    @Test
    void holdAtLeastAndMaxHoldCountForEachHold() {
        LeaseLock nightly =
                registry.lock("orders", options().withMaxHold(SECOND).withHoldAtLeast(MOMENT));
        LockHandle first = acquire(nightly);
        time.advance(MOMENT.multipliedBy(2));
        LockHandle second = passedIn(nightly, first);
        time.advance(SECOND.minus(MOMENT));
        assertThat(second.isHeld()).isTrue();
        CompletableFuture<Optional<LockHandle>> third = nightly.tryAcquireAsync(WAIT);

        time.advance(MOMENT);

        assertThat(second.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.MAX_HOLD);
        assertThat(third).isNotDone();
        time.advance(SECOND);
        assertThat(third).isCompleted();
    }

    @Test
    void anEarlierHoldDoesNotEndALaterOne() {
        LeaseLock nightly = registry.lock("orders", options().withMaxHold(SECOND));
        LockHandle first = acquire(nightly);
        LockHandle second = passedIn(nightly, first);

        first.release();
        first.releaseAsync();
        first.close();
        time.advance(SECOND.dividedBy(2));
        assertThat(first.extend(SECOND, Duration.ZERO)).isFalse();

        assertThat(second.isHeld()).isTrue();
        assertThat(entries()).hasSize(1);
    }

    @Test
    void aWriteHoldThatWasPassedOnCanBeDowngraded() {
        ReadWriteLeaseLock prices = registry.readWriteLock("orders");
        LockHandle first = acquire(prices.writeLock());
        LockHandle second = passedIn(prices.writeLock(), first);
        long token = second.fencingToken();

        LockHandle reading = prices.downgrade(second);

        assertThat(reading.fencingToken()).isEqualTo(token);
        assertThat(entries().get(0).value()).contains("\"shared\"");
        assertThat(other.readWriteLock("orders").readLock().tryAcquire()).isPresent();
        reading.release();
    }

    @Test
    void aReleaseThatMeetsADowngradeGivesTheLockBack() {
        ReadWriteLeaseLock prices = registry.readWriteLock("orders");
        LockHandle writing = acquire(prices.writeLock());
        CompletableFuture<Void> released = writing.releaseAsync();

        assertThatThrownBy(() -> prices.downgrade(writing)).isInstanceOf(IllegalStateException.class);

        assertThat(released).isCompleted();
        assertThat(entries()).isEmpty();
    }

    /** The draw is on its way when the downgrade is written over what was written before it. */
    @Test
    void othersHearOfADowngradeThatMeetsADraw() {
        ReadWriteLeaseLock prices = registry.readWriteLock("orders");
        LockHandle writing = passedIn(prices.writeLock(), acquire(prices.writeLock()));
        store.fate(Call.TXN, Fate.LOSE_ANSWER);
        assertThatThrownBy(writing::fencingToken).isInstanceOf(LockUnavailableException.class);
        store.fate(Call.TXN, Fate.PASS);
        CompletableFuture<LockHandle> downgraded = CompletableFuture.supplyAsync(() -> prices.downgrade(writing));
        await().until(() -> {
            time.advance(MOMENT.multipliedBy(50));
            return downgraded.isDone();
        });

        assertThat(entries().get(0).value()).contains("\"shared\"");
        assertThat(other.readWriteLock("orders").readLock().tryAcquire()).isPresent();
    }

    /** Its listener releases the read hold before the entry was told of it. */
    @Test
    void aReadHoldReleasedAtOnceDoesNotShareTheNextOnesEntry() {
        ReadWriteLeaseLock prices = registry.readWriteLock("orders");
        LockHandle writing = acquire(prices.writeLock());
        CompletableFuture<Optional<LockHandle>> next = prices.writeLock().tryAcquireAsync(WAIT);
        onAcquired = handle -> {
            onAcquired = later -> {};
            handle.releaseAsync();
        };

        prices.downgrade(writing);

        assertThat(held(next).isHeld()).isTrue();
        assertThat(entries().get(0).value()).contains("\"exclusive\"");
        assertThat(other.readWriteLock("orders").readLock().tryAcquire()).isEmpty();
    }

    @Test
    void theTokenOfAReadHoldMayBeDrawnAfterTheDowngrade() {
        ReadWriteLeaseLock prices = registry.readWriteLock("orders");
        LockHandle first = acquire(prices.writeLock());
        LockHandle reading = prices.downgrade(passedIn(prices.writeLock(), first));

        assertThat(reading.fencingToken()).isGreaterThan(first.fencingToken());

        assertThat(entries().get(0).value()).contains("\"shared\"");
    }

    @Test
    void switchedOffEveryHoldHasAnEntryOfItsOwn() {
        LockEngine off = engine(store, HandOver.disabled(), ReleaseMode.SYNC);
        LockHandle first = acquire(off.lock("orders"));
        CompletableFuture<Optional<LockHandle>> next = off.lock("orders").tryAcquireAsync(WAIT);

        first.release();

        assertThat(held(next).fencingToken())
                .isEqualTo(entries().get(0).createRevision())
                .isGreaterThan(first.fencingToken());
    }

    @Test
    void anAsyncReleaseDoesNotWaitAndTheNextRequestComesAfterIt() {
        LockEngine async = engine(store, HandOver.defaults(), ReleaseMode.ASYNC);
        LockHandle first = acquire(async.lock("orders"));
        store.fate(Call.TXN, Fate.LOSE_REQUEST);

        first.release();

        assertThat(first.isHeld()).isFalse();
        assertThat(entries()).hasSize(1);
        CompletableFuture<Optional<LockHandle>> next = async.lock("orders").tryAcquireAsync(WAIT);
        assertThat(next).isNotDone();
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        assertThat(held(next).fencingToken()).isGreaterThan(first.fencingToken());
        assertThat(entries()).hasSize(1);
    }

    @Test
    void aCloseEndsWhatAsyncReleasesLeft() {
        LockEngine async = engine(store, HandOver.defaults(), ReleaseMode.ASYNC);
        LockHandle first = acquire(async.lock("orders"));
        store.fate(Call.TXN, Fate.LOSE_REQUEST);
        first.release();
        assertThat(entries()).hasSize(1);

        async.close();

        assertThat(entries()).isEmpty();
    }

    private LockHandle passed(LockHandle hold) {
        return passedIn(lock, hold);
    }

    private LockHandle passedIn(LockEngine engine, LockHandle hold) {
        return passedIn(engine.lock("orders"), hold);
    }

    /** Of the next in line. */
    private LockHandle passedIn(LeaseLock lock, LockHandle hold) {
        CompletableFuture<Optional<LockHandle>> next = lock.tryAcquireAsync(WAIT);
        assertThat(next).isNotDone();
        hold.releaseAsync();
        return held(next);
    }

    private List<CompletableFuture<Optional<LockHandle>>> waiters(int number) {
        return IntStream.range(0, number)
                .mapToObj(i -> lock.tryAcquireAsync(WAIT))
                .toList();
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

    private static LockOptions options() {
        return LockOptions.defaults().withTtl(TTL);
    }

    private LockEngine engine(LockStore onStore, HandOver handOver, ReleaseMode release) {
        EngineOptions options = EngineOptions.defaults()
                .withLockDefaults(options())
                .withRequestTimeout(REQUEST_TIMEOUT)
                .withHandOver(handOver)
                .withRelease(release)
                .withListeners(List.of(new Recorder()))
                .withCallbackExecutor(Runnable::run);
        return new LockEngine(onStore, time, options);
    }

    private void delete(String key) {
        inspector.txn(Txn.of(new Op.Delete(KeyRange.single(key))), SECOND).join();
    }

    private List<KeyValue> entries() {
        return inspector
                .txn(Txn.of(new Op.Get(KeyRange.prefix("locks/orders/"), Op.Order.OLDEST_FIRST, 0, 0, false)), SECOND)
                .join()
                .keys(0)
                .keys();
    }

    private final class Recorder implements LockListener {

        @Override
        public void acquired(LockHandle handle, LockOptions options, Duration waited) {
            onAcquired.accept(handle);
        }

        @Override
        public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
            heard.add("lost " + loss.name() + " " + loss.reason());
        }
    }
}
