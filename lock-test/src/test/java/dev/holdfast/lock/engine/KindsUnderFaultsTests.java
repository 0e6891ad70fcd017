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
import java.util.stream.Stream;
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
        CompletableFuture<Optional<LockHandle>> reader =
                registry.readWriteLock("pool").readLock().tryAcquireAsync(WAIT);
        assertThat(entries("pool")).hasSize(2);

        CompletableFuture<Optional<LockHandle>> agreeing =
                other.semaphore("pool", 3).tryAcquireAsync(tries ? Duration.ZERO : WAIT);
        time.advance(SECOND);

        assertConflict(reader);
        assertThat(agreeing).isCompletedWithValueMatching(Optional::isPresent);
        assertThat(permit.isHeld()).isTrue();
    }

    @Test
    void aContenderThatDisagreesAndNeverLeavesIsAConflictAfterAWhile() {
        acquire(other.semaphore("pool", 3));
        warmUp();
        CompletableFuture<Optional<LockHandle>> reader =
                joinWithoutWithdrawing(registry.readWriteLock("pool").readLock());

        for (Duration wait : List.of(Duration.ZERO, WAIT)) {
            CompletableFuture<Optional<LockHandle>> agreeing =
                    other.semaphore("pool", 3).tryAcquireAsync(wait);
            time.advance(Duration.ofSeconds(2));
            assertConflict(agreeing);
        }

        assertThat(reader).isNotDone();
        assertThat(entries("pool")).hasSize(2);
        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        assertConflict(reader);
        assertThat(entries("pool")).hasSize(1);
        assertThat(Remains.of(registry)).isEmpty();
    }

    @Test
    void aCallerWhoGivesUpDuringAConflictHearsOfTheConflictAndLeavesNothing() {
        acquire(other.semaphore("pool", 3));
        warmUp();
        store.delayAnswers(MOMENT);
        CompletableFuture<Optional<LockHandle>> reader =
                registry.readWriteLock("pool").readLock().tryAcquireAsync(SECOND);
        store.delayAnswers(Duration.ZERO);
        store.fate(Call.TXN, Fate.LOSE_REQUEST);

        time.advance(Duration.ofMillis(1_200));

        assertConflict(reader);
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
        CompletableFuture<Optional<LockHandle>> reader =
                joinWithoutWithdrawing(registry.readWriteLock("pool").readLock());
        store.fateOfAll(Fate.LOSE_REQUEST);

        time.advance(TTL);

        assertConflict(reader);
        time.advance(SECOND);
        assertThat(entries("pool")).hasSize(1);
    }

    @Test
    void whoTakesANameThatIsASemaphorePutsNothing() {
        acquire(other.semaphore("pool", 3));
        warmUp();
        store.delayAnswers(MOMENT);

        CompletableFuture<Optional<LockHandle>> exclusive =
                registry.lock("pool").tryAcquireAsync(SECOND);

        assertThat(entries("pool")).hasSize(1);
        time.advance(MOMENT);
        assertConflict(exclusive);
        assertThat(entries("pool")).hasSize(1);
    }

    @Test
    void aRequestForAnotherKindWaitsForWhatThisProcessIsRemoving() {
        LockHandle permit = acquire(registry.semaphore("pool", 3));
        store.fate(Call.TXN, Fate.LOSE_REQUEST);
        CompletableFuture<Void> released = permit.releaseAsync();
        CompletableFuture<Optional<LockHandle>> tried =
                registry.semaphore("pool", 5).tryAcquireAsync(Duration.ZERO);
        CompletableFuture<Optional<LockHandle>> exclusive =
                registry.lock("pool").tryAcquireAsync(WAIT);
        time.advance(Duration.ofMillis(2_500));
        assertThat(released).isNotDone();
        assertThatThrownBy(tried::join).hasCauseInstanceOf(LockUnavailableException.class);

        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));

        assertThat(released).isCompleted();
        assertThat(exclusive).isCompletedWithValueMatching(Optional::isPresent);
    }

    @ParameterizedTest
    @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER", "PARK"})
    void aPermitInDoubtTouchesNeitherTheOthersNorALaterOneInItsSlot(Fate fate) {
        LeaseLock pool = registry.semaphore("pool", 3);
        LockHandle first = acquire(pool);
        store.fate(Call.TXN, fate);
        CompletableFuture<Optional<LockHandle>> doubtful = pool.tryAcquireAsync(SECOND);
        time.advance(Duration.ofMillis(1_200));
        assertThatThrownBy(doubtful::join).hasCauseInstanceOf(LockUnavailableException.class);
        CompletableFuture<Optional<LockHandle>> tried = pool.tryAcquireAsync(Duration.ZERO);
        assertThat(tried).isNotDone();

        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        LockHandle second = acquire(pool);
        tried.join().orElseThrow().release();
        LockHandle third = acquire(other.semaphore("pool", 3));
        store.deliverParked();
        time.advance(TTL.multipliedBy(2));

        assertThat(List.of(first, second, third)).allMatch(LockHandle::isHeld);
        assertThat(entries("pool")).hasSize(3);
        first.release();
        second.release();
        third.release();
        assertThat(entries("pool")).isEmpty();
        assertThat(Remains.of(registry)).isEmpty();
        assertThat(heard).noneMatch(event -> event.startsWith("lost"));
    }

    @Test
    void permitsNobodyKnowsAreRemovedOneAfterTheOtherBesideThoseWhoHold() {
        LockHandle held = acquire(registry.semaphore("pool", 9));
        KeyValue known = entries("pool").get(0);
        for (int slot = 1; slot <= 3; slot++) {
            inspector
                    .txn(Txn.of(new Op.Put(known.key() + "." + slot, known.value(), known.leaseId())), SECOND)
                    .join();
        }

        time.advance(TTL.multipliedBy(2));

        assertThat(entries("pool")).containsExactly(known);
        assertThat(held.isHeld()).isTrue();
        assertThat(acquire(registry.semaphore("pool", 9)).isHeld()).isTrue();
    }

    @Test
    void aWaiterForAPermitHearsOfOneThatGoesWhileItReadsAndOfNoneByThePoll() {
        List<LockHandle> held = IntStream.range(0, 3)
                .mapToObj(i -> acquire(other.semaphore("pool", 3)))
                .toList();
        warmUp();
        store.delayAnswers(Duration.ofMillis(20));
        CompletableFuture<Optional<LockHandle>> waiter =
                registry.semaphore("pool", 3).tryAcquireAsync(WAIT);
        // While the read is under way that follows the start of the watch.
        time.advance(Duration.ofMillis(30));
        held.get(1).release();
        time.advance(Duration.ofMillis(200));
        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);

        CompletableFuture<Optional<LockHandle>> silent =
                registry.semaphore("pool", 3).tryAcquireAsync(WAIT);
        time.advance(Duration.ofMillis(200));
        store.silenceWatches(true);
        held.get(0).release();
        time.advance(SECOND);
        assertThat(silent).isNotDone();
        time.advance(TTL.dividedBy(2));
        assertThat(silent).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void aWaiterForAPermitReadsNothingWhenEnoughHaveGone() {
        List<LockHandle> held = IntStream.range(0, 3)
                .mapToObj(i -> acquire(other.semaphore("pool", 3)))
                .toList();
        CompletableFuture<Optional<LockHandle>> before =
                other.semaphore("pool", 3).tryAcquireAsync(WAIT);
        CompletableFuture<Optional<LockHandle>> waiter =
                registry.semaphore("pool", 3).tryAcquireAsync(WAIT);
        time.advance(MOMENT);
        int reads = store.count(Call.TXN);

        held.get(0).release();
        time.advance(MOMENT);
        assertThat(before).isCompletedWithValueMatching(Optional::isPresent);
        inspector
                .txn(Txn.of(new Op.Put("locks/pool/junk", "", 0), new Op.Put("locks/pool/7f/1", "", 0)), SECOND)
                .join();
        time.advance(MOMENT);
        assertThat(store.count(Call.TXN)).isEqualTo(reads);

        held.get(1).release();
        time.advance(MOMENT);
        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
        assertThat(store.count(Call.TXN)).isEqualTo(reads);
    }

    @Test
    void aWriterBehindMoreReadersThanOneReadShowsIsSeenByALaterReader() {
        List<LockHandle> readers = IntStream.range(0, 70)
                .mapToObj(i -> acquire(other.readWriteLock("prices").readLock()))
                .toList();
        CompletableFuture<Optional<LockHandle>> writer = other.lock("prices").tryAcquireAsync(WAIT);
        assertThat(registry.readWriteLock("prices").readLock().tryAcquire()).isEmpty();
        CompletableFuture<Optional<LockHandle>> reader =
                registry.readWriteLock("prices").readLock().tryAcquireAsync(WAIT);
        time.advance(SECOND);
        assertThat(reader).isNotDone();

        readers.forEach(LockHandle::release);
        time.advance(MOMENT);
        assertThat(writer).isCompletedWithValueMatching(Optional::isPresent);
        assertThat(reader).isNotDone();
        writer.join().orElseThrow().release();
        time.advance(MOMENT);
        assertThat(reader).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void aReaderAheadOfManyReadersIsGrantedAtOnceAndThoseBehindAreNoMatter() {
        for (int i = 0; i < 70; i++) {
            acquire(other.readWriteLock("prices").readLock());
        }
        assertThat(registry.readWriteLock("prices").readLock().tryAcquireAsync(WAIT))
                .isCompletedWithValueMatching(Optional::isPresent);
        assertThat(registry.readWriteLock("prices").readLock().tryAcquire()).isPresent();
    }

    @ParameterizedTest
    @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER", "PARK"})
    void aSetInDoubtLeavesNoneOfItsNames(Fate fate) {
        warmUp();
        List<String> names = IntStream.range(0, LockOptions.MAX_NAMES)
                .mapToObj(i -> "seat-" + i)
                .toList();
        store.fate(Call.TXN, fate);
        CompletableFuture<Optional<LockHandle>> doubtful = registry.allOf(names).tryAcquireAsync(SECOND);
        time.advance(Duration.ofMillis(1_200));
        assertThatThrownBy(doubtful::join).hasCauseInstanceOf(LockUnavailableException.class);

        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        LockHandle next = acquire(other.allOf(names));
        store.deliverParked();

        assertThat(next.isHeld()).isTrue();
        assertThat(names).allSatisfy(name -> assertThat(entries(name)).hasSize(1));
        assertThat(Remains.of(registry)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSetOfWhichSomebodyTakesAKeyIsLostAndLeavesNoneOfItsNames(boolean writtenOver) {
        acquire(other.lock("b"));
        LockHandle handle = acquire(registry.allOf(List.of("a", "c")));
        CompletableFuture<Optional<LockHandle>> waiter =
                registry.allOf(List.of("b", "d")).tryAcquireAsync(WAIT);
        for (String key : List.of(entries("a").get(0).key(), entries("d").get(0).key())) {
            if (writtenOver) {
                inspector.txn(Txn.of(new Op.Put(key, "mine", 0)), SECOND).join();
            } else {
                delete(key);
            }
        }

        time.advance(TTL);

        assertThat(handle.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
        assertThat(waiter).isCompletedExceptionally();
        assertThat(Stream.of("a", "c", "d").flatMap(name -> entries(name).stream()))
                .isEmpty();
        assertThat(entries("b")).hasSize(1);
        assertThat(heard).filteredOn(event -> event.startsWith("lost")).containsExactly("lost a, c KEY_DELETED");
        assertThat(Remains.of(registry)).isEmpty();
    }

    @Test
    void aCloseTellsEntriesInEveryPhaseAndKeepsThoseThatMustBeKept() {
        LeaseLock kept = registry.semaphore("pool", 3, options().withHoldAtLeast(MINUTE));
        acquire(kept).releaseAsync();
        acquire(kept);
        LockHandle plain = acquire(registry.semaphore("pool", 3));
        CompletableFuture<Optional<LockHandle>> waiting =
                registry.semaphore("pool", 3).tryAcquireAsync(WAIT);
        CompletableFuture<Optional<LockHandle>> queued =
                registry.semaphore("pool", 3).tryAcquireAsync(WAIT);
        acquire(registry.allOf(List.of("a", "b"), options().withHoldAtLeast(MINUTE)));
        assertThat(entries("pool")).hasSize(4);

        registry.close();

        assertThat(plain.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.CLOSED);
        for (CompletableFuture<Optional<LockHandle>> ended : List.of(waiting, queued)) {
            assertThatThrownBy(ended::join).hasCauseInstanceOf(LockUnavailableException.class);
        }
        assertThat(entries("pool")).hasSize(2);
        assertThat(other.allOf(List.of("b", "c")).tryAcquire()).isEmpty();
        assertThat(other.semaphore("pool", 3).tryAcquire()).hasValueSatisfying(LockHandle::release);
        assertThat(heard.stream().filter(event -> event.startsWith("lost"))).hasSize(3);
        time.advance(MINUTE.plus(SECOND));
        assertThat(entries("pool")).isEmpty();
        assertThat(other.allOf(List.of("a", "b")).tryAcquire()).isPresent();
        assertThat(Remains.of(registry)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPermitEndsWithItsOwnMaxHoldAndNoOther(boolean renew) {
        LockOptions options = options().withRenew(renew);
        LockHandle first = acquire(registry.semaphore("pool", 2, options.withMaxHold(Duration.ofSeconds(5))));
        LockHandle second = acquire(registry.semaphore("pool", 2, options));
        CompletableFuture<Optional<LockHandle>> waiter =
                registry.semaphore("pool", 2, options).tryAcquireAsync(WAIT);

        time.advance(Duration.ofSeconds(6));

        assertThat(first.loss().orElseThrow().reason()).isEqualTo(LockLoss.Reason.MAX_HOLD);
        assertThat(second.isHeld()).isTrue();
        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
        assertThat(waiter.join().orElseThrow().remaining()).isGreaterThan(Duration.ofSeconds(9));
        assertThat(entries("pool")).hasSize(2);
        assertThat(heard.stream().filter(event -> event.startsWith("lost"))).hasSize(1);
    }

    /** A reader's key is deleted unnoticed, the next writer's turn has come, and then nobody can be asked for minutes. */
    @Test
    void aTurnThatContradictsAHoldIsAskedForAtAnEvenPaceAndTakenWhenTheLossIsTold() {
        LockHandle reading = acquire(registry.readWriteLock("prices").readLock());
        delete(entries("prices").get(0).key());
        store.delayAnswers(MOMENT);
        CompletableFuture<Optional<LockHandle>> writer = registry.lock("prices").tryAcquireAsync(WAIT);
        store.delayAnswers(Duration.ZERO);
        store.fate(Call.TXN, Fate.LOSE_REQUEST);
        time.advance(MINUTE);
        int first = store.count(Call.TXN);
        time.advance(MINUTE);
        assertThat(store.count(Call.TXN) - first).isLessThanOrEqualTo(first + 2);
        assertThat(reading.isHeld()).isTrue();
        assertThat(writer).isNotDone();

        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));

        assertThat(writer).isCompletedWithValueMatching(Optional::isPresent);
        assertThat(heard).containsExactly("acquired prices", "lost prices KEY_DELETED", "acquired prices");
    }

    /** A process that has slept does not count on what it holds, and so asks the store for another number of permits. */
    @Test
    void aPermitWhoseKeyIsGoneIsLostBeforeTheProcessGetsAnotherNumberOfPermits() {
        LockHandle first = acquire(registry.semaphore("pool", 2));
        delete(entries("pool").get(0).key());
        store.fate(Call.LEASE_KEYS, Fate.LOSE_REQUEST);
        time.stepWallClock(MINUTE);

        LockHandle second = acquire(registry.semaphore("pool", 3));

        assertThat(second.isHeld()).isTrue();
        assertThat(first.isHeld()).isFalse();
        assertThat(heard).containsExactly("acquired pool", "lost pool KEY_DELETED", "acquired pool");
    }

    /** The machine slept, so its monotonic clock says that the permit is kept still; only the store knows. */
    @Test
    void aPermitKeptFromOthersBeforeASleepIsNoConflictAfterIt() {
        LockHandle permit = acquire(registry.semaphore("pool", 3));
        permit.extend(Duration.ZERO, MINUTE);
        permit.release();
        time.advance(SECOND);
        assertThatThrownBy(() -> acquire(registry.lock("pool"))).hasCauseInstanceOf(LockConflictException.class);
        delete(entries("pool").get(0).key());

        time.stepWallClock(MINUTE);

        assertThat(acquire(registry.lock("pool")).isHeld()).isTrue();
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
