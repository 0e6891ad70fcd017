package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hand-overs between processes by what a lasting watch tells, on a clock and a network of the test's choice. */
class NameWatchTests {

    private static final Duration TTL = Duration.ofSeconds(60);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MOMENT = Duration.ofMillis(1);
    private static final Duration WAIT = Duration.ofMinutes(5);

    private final ManualTime time = new ManualTime();
    private final MemoryServer server = new MemoryServer(time);
    private final LockStore inspector = server.connect();
    private final ControllableStore store = new ControllableStore(server.connect(), time);
    private final LockEngine registry = engine(store);
    private final LockEngine other = engine(server.connect());

    /** Both know the store, and the watch on the name is in place. */
    @BeforeEach
    void contend() {
        LockHandle first = acquire(other);
        CompletableFuture<Optional<LockHandle>> second = wait(registry);
        first.release();
        time.advance(MOMENT);
        second.join().orElseThrow().release();
        assertThat(store.openWatches()).isEqualTo(1);
    }

    @Test
    void aHandOverTakesOneTransactionOfEachAndNoWatch() {
        int watches = store.watchesOpened();
        for (int i = 0; i < 10; i++) {
            LockHandle theirs = acquire(other);
            int requests = store.count(Call.TXN);
            CompletableFuture<Optional<LockHandle>> waiter = wait(registry);
            theirs.release();
            time.advance(MOMENT);

            assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
            assertThat(store.count(Call.TXN)).isEqualTo(requests + 1);
            waiter.join().orElseThrow().release();
            time.advance(SECOND);
        }
        assertThat(store.watchesOpened()).isEqualTo(watches);
    }

    @Test
    void theFirstOfManyIsGrantedWhenAllBeforeItHaveGoneInAnyOrder() {
        LockHandle theirs = acquire(other);
        List<String> between = List.of(foreign(1), foreign(2));
        CompletableFuture<Optional<LockHandle>> waiter = wait(registry);
        int requests = store.count(Call.TXN);

        delete(between.get(1));
        theirs.release();
        time.advance(MOMENT);
        assertThat(waiter).isNotDone();
        delete(between.get(0));
        time.advance(MOMENT);

        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
        assertThat(store.count(Call.TXN)).isEqualTo(requests);
    }

    /** The same key is used again by the next entry of the same session. */
    @Test
    void aDeletionToldAgainSaysNothingOfALaterEntryUnderTheKey() {
        acquire(other).release();
        LockHandle theirs = acquire(other);
        CompletableFuture<Optional<LockHandle>> waiter = wait(registry);

        store.tellAgain();
        time.advance(SECOND);
        assertThat(waiter).isNotDone();

        theirs.release();
        time.advance(MOMENT);
        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void whoGoesBeforeTheAnswerComesIsNotWaitedFor() {
        LockHandle theirs = acquire(other);
        store.delayAnswers(Duration.ofMillis(100));
        int requests = store.count(Call.TXN);
        CompletableFuture<Optional<LockHandle>> waiter = registry.lock("seat").tryAcquireAsync(WAIT);
        theirs.release();
        time.advance(Duration.ofMillis(50));
        assertThat(waiter).isNotDone();

        time.advance(Duration.ofMillis(51));

        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
        assertThat(store.count(Call.TXN)).isEqualTo(requests + 1);
    }

    @Test
    void moreThanIsKeptUntilTheAnswerComesLeadsToARead() {
        LockHandle theirs = acquire(other);
        store.delayAnswers(Duration.ofMillis(100));
        int requests = store.count(Call.TXN);
        CompletableFuture<Optional<LockHandle>> waiter = registry.lock("seat").tryAcquireAsync(WAIT);
        theirs.release();
        for (int i = 0; i < 100; i++) {
            delete(foreign(1));
        }

        time.advance(Duration.ofMillis(101));
        assertThat(waiter).isNotDone();
        time.advance(Duration.ofMillis(101));

        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
        assertThat(store.count(Call.TXN)).isEqualTo(requests + 2);
    }

    @Test
    void anEntryThatWentBeforeThoseBeforeItGetsNothing() {
        LockHandle theirs = acquire(other);
        CompletableFuture<Optional<LockHandle>> waiter = wait(registry);
        store.fate(Call.TXN, Fate.LOSE_REQUEST);

        delete(entries().get(1).key());
        theirs.release();
        time.advance(MOMENT);
        assertThat(waiter).isNotDone();

        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        assertLost(waiter);
    }

    /** Whatever the next watch tells, the own entry can have gone between the two. */
    @Test
    void aWatchThatBrokeLeavesItToARead() {
        LockHandle theirs = acquire(other);
        CompletableFuture<Optional<LockHandle>> waiter = wait(registry);
        store.fate(Call.TXN, Fate.LOSE_REQUEST);

        store.breakWatches();
        delete(entries().get(1).key());
        time.advance(Duration.ofMillis(100));
        assertThat(store.openWatches()).isEqualTo(1);
        theirs.release();
        time.advance(MOMENT);
        assertThat(waiter).isNotDone();

        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        assertLost(waiter);
    }

    @Test
    void aWatchThatComesIntoPlaceAfterTheRequestWasSentLeavesItToARead() {
        store.breakWatches();
        time.advance(SECOND);
        LockHandle theirs = acquire(other);
        CompletableFuture<Optional<LockHandle>> waiter = registry.lock("seat").tryAcquireAsync(WAIT);
        store.fate(Call.TXN, Fate.LOSE_REQUEST);
        delete(entries().get(1).key());
        time.advance(MOMENT);

        theirs.release();
        time.advance(MOMENT);
        assertThat(waiter).isNotDone();

        store.fate(Call.TXN, Fate.PASS);
        time.advance(Duration.ofSeconds(5));
        assertLost(waiter);
    }

    @Test
    void aReaderIsAdmittedWhenTheWriterBeforeItBecomesAReader() {
        ReadWriteLeaseLock theirs = other.readWriteLock("seat");
        LockHandle writing = acquire(other);
        CompletableFuture<Optional<LockHandle>> reader =
                registry.readWriteLock("seat").readLock().tryAcquireAsync(WAIT);
        time.advance(MOMENT);

        theirs.downgrade(writing);
        time.advance(MOMENT);

        assertThat(reader).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void inALongQueueOnlyTheNearestIsWatched() {
        List<String> before = longQueue();
        CompletableFuture<Optional<LockHandle>> waiter = wait(registry);
        assertThat(store.openWatches()).isEqualTo(1);
        time.advance(NameWatch.LINGER.plus(MOMENT));
        assertThat(registry.footprint().nameWatches()).isZero();
        assertThat(store.openWatches()).isEqualTo(1);
        int requests = store.count(Call.TXN);

        before.subList(0, Protocol.FEW).forEach(this::delete);
        time.advance(MOMENT);
        assertThat(store.count(Call.TXN)).isEqualTo(requests);
        delete(before.get(Protocol.FEW));
        time.advance(MOMENT);

        assertThat(store.count(Call.TXN)).isEqualTo(requests + 1);
        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
    }

    /** It joins at once, as if there were a watch; where nobody was, it would try first if it is alone. */
    @Test
    void aNameWithALongQueueIsKnownAsContendedForAWhile() {
        List<String> before = longQueue();
        CompletableFuture<Optional<LockHandle>> waiter = wait(registry);
        before.forEach(this::delete);
        time.advance(MOMENT);
        waiter.join().orElseThrow().release();
        time.advance(MOMENT);

        LockHandle theirs = acquire(other);
        int requests = store.count(Call.TXN);
        CompletableFuture<Optional<LockHandle>> second = wait(registry);
        // The join, and a read when the watch is in place again.
        assertThat(store.count(Call.TXN)).isEqualTo(requests + 2);
        theirs.release();
        time.advance(MOMENT);
        second.join().orElseThrow().release();

        time.advance(NameWatch.LINGER.plus(SECOND));
        assertThat(registry.footprint().nameWatches()).isZero();
    }

    @Test
    void aWatchThatFellSilentIsReplacedWhenAReadFindsOut() {
        LockHandle theirs = acquire(other);
        CompletableFuture<Optional<LockHandle>> waiter = wait(registry);
        int watches = store.watchesOpened();
        store.silenceWatches(true);
        theirs.release();
        time.advance(MOMENT);
        assertThat(waiter).isNotDone();
        store.silenceWatches(false);

        time.advance(Duration.ofSeconds(9));
        waiter.join().orElseThrow().release();
        theirs = acquire(other);
        waiter = wait(registry);
        assertThat(store.watchesOpened()).isEqualTo(watches + 1);
        theirs.release();
        time.advance(MOMENT);

        assertThat(waiter).isCompletedWithValueMatching(Optional::isPresent);
    }

    @Test
    void aWatchOutlivesTheLastWhoNeedsItByAWhile() {
        time.advance(NameWatch.LINGER.minus(Duration.ofMillis(10)));
        assertThat(store.openWatches()).isEqualTo(1);
        LockHandle theirs = acquire(other);
        CompletableFuture<Optional<LockHandle>> waiter = wait(registry);
        time.advance(NameWatch.LINGER.multipliedBy(3));
        assertThat(store.openWatches()).isEqualTo(1);

        waiter.cancel(false);
        time.advance(NameWatch.LINGER.minus(MOMENT));
        assertThat(store.openWatches()).isEqualTo(1);
        time.advance(MOMENT.multipliedBy(2));
        assertThat(store.openWatches()).isZero();
        assertThat(registry.footprint().nameWatches()).isZero();
        theirs.release();
    }

    @Test
    void ofTheWatchesThatNobodyNeedsTheOldestCloseFirst() {
        int names = NameWatches.MOST_IDLE + 40;
        List<CompletableFuture<Optional<LockHandle>>> waits = new ArrayList<>();
        for (int i = 0; i < names; i++) {
            put("locks/name-" + i + "/1");
            waits.add(registry.lock("name-" + i).tryAcquireAsync(WAIT));
        }
        time.advance(MOMENT);
        assertThat(store.openWatches()).isEqualTo(names + 1);

        waits.forEach(waiter -> waiter.cancel(false));
        time.advance(MOMENT);

        assertThat(store.openWatches()).isEqualTo(NameWatches.MOST_IDLE);
        int watches = store.watchesOpened();
        registry.lock("name-" + (names - 1)).tryAcquireAsync(WAIT);
        time.advance(MOMENT);
        assertThat(store.watchesOpened()).isEqualTo(watches);
        registry.lock("name-0").tryAcquireAsync(WAIT);
        time.advance(MOMENT);
        assertThat(store.watchesOpened()).isEqualTo(watches + 1);
    }

    @Test
    void closingLeavesNoWatch() {
        acquire(other);
        CompletableFuture<Optional<LockHandle>> waiter = wait(registry);

        registry.close();

        assertThat(waiter).isCompletedExceptionally();
        assertThat(store.openWatches()).isZero();
        assertThat(registry.footprint().nameWatches()).isZero();
    }

    private CompletableFuture<Optional<LockHandle>> wait(LockEngine engine) {
        CompletableFuture<Optional<LockHandle>> waiter = engine.lock("seat").tryAcquireAsync(WAIT);
        time.advance(MOMENT);
        assertThat(waiter).isNotDone();
        return waiter;
    }

    private LockHandle acquire(LockEngine engine) {
        CompletableFuture<Optional<LockHandle>> request = engine.lock("seat").tryAcquireAsync(WAIT);
        time.advance(MOMENT);
        return request.join().orElseThrow();
    }

    private static void assertLost(CompletableFuture<Optional<LockHandle>> waiter) {
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(waiter::join)
                .withCauseInstanceOf(LockLostException.class);
    }

    /** An entry of another program. */
    private String foreign(int lease) {
        String key = "locks/seat/" + Integer.toHexString(lease);
        put(key);
        return key;
    }

    /** Entries of other programs, more than are followed one by one. */
    private List<String> longQueue() {
        return IntStream.rangeClosed(1, Protocol.FEW + 1)
                .mapToObj(this::foreign)
                .toList();
    }

    private void put(String key) {
        inspector.txn(Txn.of(new Op.Put(key, "", 0)), SECOND).join();
    }

    private void delete(String key) {
        inspector.txn(Txn.of(new Op.Delete(KeyRange.single(key))), SECOND).join();
    }

    private List<KeyValue> entries() {
        return inspector
                .txn(Txn.of(new Op.Get(KeyRange.prefix("locks/seat/"), Op.Order.OLDEST_FIRST, 0, 0, false)), SECOND)
                .join()
                .keys(0)
                .keys();
    }

    private LockEngine engine(LockStore onStore) {
        EngineOptions options = EngineOptions.defaults()
                .withLockDefaults(LockOptions.defaults().withTtl(TTL))
                .withCloseTimeout(Duration.ofMillis(50))
                .withCallbackExecutor(Runnable::run);
        return new LockEngine(onStore, time, options, () -> 0L, () -> {});
    }
}
