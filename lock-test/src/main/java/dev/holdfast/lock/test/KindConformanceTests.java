package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockConflictException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.ReadWriteLeaseLock;
import dev.holdfast.lock.store.KeyValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What semaphores, read/write locks and locks of several names must do, whatever store is behind the registry. Runs in real time. */
public abstract class KindConformanceTests extends RegistryConformanceTests {

    private static final Duration LONG = Duration.ofSeconds(30);

    protected KindConformanceTests(StoreUnderTest store) {
        super(store);
    }

    // Semaphores

    @Test
    void aSemaphoreHasAsManyHoldersAsPermits() {
        LockHandle first = a.semaphore("pool", 3).tryAcquire().orElseThrow();
        LockHandle second = a.semaphore("pool", 3).tryAcquire().orElseThrow();
        LockHandle third = b.semaphore("pool", 3).tryAcquire().orElseThrow();

        assertThat(a.semaphore("pool", 3).tryAcquire()).isEmpty();
        assertThat(b.semaphore("pool", 3).tryAcquire()).isEmpty();
        assertThat(List.of(first, second, third)).allMatch(LockHandle::isHeld);
        assertThat(a.status().held()).isEqualTo(2);

        second.release();
        assertThat(b.semaphore("pool", 3).tryAcquire()).isPresent();
        assertThat(a.semaphore("pool", 3).tryAcquire()).isEmpty();
    }

    @Test
    void aFailedTryForAPermitWritesNothing() {
        a.semaphore("pool", 1).tryAcquire().orElseThrow();
        assertThat(b.lock("warm-up").tryAcquire()).hasValueSatisfying(LockHandle::release);
        long before = revision();

        assertThat(b.semaphore("pool", 1).tryAcquire()).isEmpty();

        assertThat(revision()).isEqualTo(before);
    }

    @Test
    void waitersForPermitsAreServedInTheirOrder() throws Exception {
        LockHandle first = a.semaphore("pool", 2).acquire();
        LockHandle second = b.semaphore("pool", 2).acquire();
        Future<LockHandle> third = waiting(b.semaphore("pool", 2), "pool", 3);
        Future<LockHandle> fourth = waiting(a.semaphore("pool", 2), "pool", 4);

        second.release();
        LockHandle inThird = third.get(20, TimeUnit.SECONDS);
        assertThat(fourth.isDone()).isFalse();
        assertThat(inThird.isHeld()).isTrue();

        first.release();
        assertThat(fourth.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
    }

    @Test
    void aWaiterForAPermitGetsTheOneThatIsFreedFirst() throws Exception {
        List<LockHandle> held = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            held.add((i % 2 == 0 ? a : b).semaphore("pool", 5).acquire());
        }
        for (int i = 4; i >= 0; i--) {
            Future<LockHandle> waiter = waiting(b.semaphore("pool", 5), "pool", 6);
            held.get(i).release();
            held.set(i, waiter.get(20, TimeUnit.SECONDS));
        }
        assertThat(held).allMatch(LockHandle::isHeld);
    }

    @Test
    void manyThreadsNeverHoldMorePermitsThanThereAre() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch met = new CountDownLatch(3);
        List<Future<?>> users = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            LockRegistry registry = i % 2 == 0 ? a : b;
            users.add(threads.submit(() -> {
                for (int round = 0; round < 10; round++) {
                    LockHandle handle =
                            registry.semaphore("pool", 3).tryAcquire(LONG).orElseThrow();
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    met.countDown();
                    assertThat(met.await(20, TimeUnit.SECONDS)).isTrue();
                    assertThat(entries("pool")).isNotEmpty();
                    inside.decrementAndGet();
                    handle.release();
                }
                return null;
            }));
        }
        for (Future<?> user : users) {
            user.get(60, TimeUnit.SECONDS);
        }
        assertThat(most.get()).isEqualTo(3);
        assertThat(entries("pool")).isEmpty();
    }

    @Test
    void manyTriesAtOnceGetAllPermits() throws Exception {
        List<CompletableFuture<Optional<LockHandle>>> tries = IntStream.range(0, 16)
                .mapToObj(i -> a.semaphore("pool", 16).tryAcquireAsync(Duration.ZERO))
                .toList();
        for (CompletableFuture<Optional<LockHandle>> attempt : tries) {
            assertThat(attempt.get(20, TimeUnit.SECONDS)).isPresent();
        }
        assertThat(a.semaphore("pool", 16).tryAcquire()).isEmpty();
        assertThat(entries("pool")).hasSize(16);
    }

    @Test
    void anotherNumberOfPermitsIsAConflictThatLeavesNothing() {
        LockHandle holder = a.semaphore("pool", 3).tryAcquire().orElseThrow();
        long before = revision();

        for (LockRegistry registry : List.of(a, b)) {
            assertConflict(registry.semaphore("pool", 5), "a semaphore of 3 permits", "a semaphore of 5 permits");
            assertConflict(registry.lock("pool"), "a semaphore of 3 permits", "an exclusive lock");
            assertConflict(registry.readWriteLock("pool").readLock(), "a semaphore of 3 permits", "a read lock");
            assertConflict(registry.readWriteLock("pool").writeLock(), "a semaphore of 3 permits", "an exclusive lock");
        }
        assertConflict(b.allOf(List.of("other", "pool")), "'pool' is in use as a semaphore of 3 permits", "exclusive");

        assertThat(entries("pool")).hasSize(1);
        assertThat(entries("other")).isEmpty();
        assertThat(revision()).isGreaterThanOrEqualTo(before);
        assertThat(holder.isHeld()).isTrue();
    }

    @Test
    void aSemaphoreOnANameInUseAsALockIsAConflict() {
        LockHandle holder = a.lock("pool").tryAcquire().orElseThrow();
        assertConflict(b.semaphore("pool", 2), "an exclusive lock", "a semaphore of 2 permits");
        assertConflict(a.semaphore("pool", 2), "an exclusive lock", "a semaphore of 2 permits");
        holder.release();

        LockHandle reader = a.readWriteLock("pool").readLock().tryAcquire().orElseThrow();
        assertConflict(b.semaphore("pool", 2), "a read lock", "a semaphore of 2 permits");
        reader.release();

        assertThat(b.semaphore("pool", 2).tryAcquire()).isPresent();
    }

    @Test
    void aConflictTellsWhoUsesTheName() {
        a.semaphore("pool", 3).tryAcquire().orElseThrow();
        assertThatExceptionOfType(LockConflictException.class)
                .isThrownBy(() -> b.semaphore("pool", 4).acquire())
                .withMessageContaining("process " + ProcessHandle.current().pid())
                .withMessageContaining("nothing is held")
                .satisfies(conflict -> assertThat(conflict.lockName()).isEqualTo("pool"));
    }

    @Test
    void thePermitsCanChangeOnceNobodyHolds() {
        LockHandle old = a.semaphore("pool", 1).tryAcquire().orElseThrow();
        assertConflict(b.semaphore("pool", 2), "1 permit", "2 permits");
        old.release();

        LockHandle first = b.semaphore("pool", 2).tryAcquire().orElseThrow();
        LockHandle second = a.semaphore("pool", 2).tryAcquire().orElseThrow();
        assertConflict(a.semaphore("pool", 1), "2 permits", "1 permit");
        assertThat(first.isHeld() && second.isHeld()).isTrue();
    }

    @Test
    void anotherProgramsLockIsAnExclusiveContender() throws Exception {
        LockHandle holder = a.semaphore("pool", 2).tryAcquire().orElseThrow();
        put("pool", "7f", "");

        assertConflict(b.semaphore("pool", 2), "an exclusive lock by another program", "a semaphore of 2 permits");
        assertThat(holder.isHeld()).isTrue();
        holder.release();
        assertConflict(b.semaphore("pool", 2), "an exclusive lock by another program", "a semaphore of 2 permits");

        delete("pool", "7f");
        assertThat(b.semaphore("pool", 2).tryAcquire()).isPresent();
    }

    @Test
    void foreignKeysBelowASemaphoreDoNotCount() throws Exception {
        put("pool", "notes", "by hand");
        LockHandle first = a.semaphore("pool", 2).acquire();
        LockHandle second = b.semaphore("pool", 2).tryAcquire().orElseThrow();

        assertThat(a.semaphore("pool", 2).tryAcquire()).isEmpty();
        assertConflict(a.semaphore("pool", 3), "2 permits", "3 permits");
        first.release();
        second.release();
        delete("pool", "notes");
    }

    @Test
    void aTimeoutForAPermitLeavesNothing() throws Exception {
        a.semaphore("pool", 1).acquire();
        assertThat(b.semaphore("pool", 1).tryAcquire(Duration.ofMillis(300))).isEmpty();
        assertThat(entries("pool")).hasSize(1);
    }

    @Test
    void permitsOutOfRangeAreRefused() {
        for (int permits : new int[] {Integer.MIN_VALUE, -1, 0, LockOptions.MAX_PERMITS + 1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> a.semaphore("pool", permits))
                    .withMessageContaining("'pool'")
                    .withMessageContaining(String.valueOf(permits))
                    .withMessageContaining("1 to 1000");
        }
    }

    @Test
    void aDeletedPermitIsLostAlone() {
        LockHandle first = a.semaphore("pool", 2).tryAcquire().orElseThrow();
        LockHandle second = a.semaphore("pool", 2).tryAcquire().orElseThrow();
        KeyValue key = entries("pool").get(0);
        delete("pool", key.key().substring(key.key().lastIndexOf('/') + 1));

        await().atMost(SOON).until(() -> !first.isHeld());
        assertThat(first.loss()).map(LockLoss::reason).hasValue(LockLoss.Reason.KEY_DELETED);
        assertThat(second.isHeld()).isTrue();
    }

    // Read/write locks

    @Test
    void readersShareAndAWriterIsAlone() {
        LockHandle first = a.readWriteLock("page").readLock().tryAcquire().orElseThrow();
        LockHandle second = a.readWriteLock("page").readLock().tryAcquire().orElseThrow();
        LockHandle third = b.readWriteLock("page").readLock().tryAcquire().orElseThrow();
        assertThat(List.of(first, second, third)).allMatch(LockHandle::isHeld);
        assertThat(a.readWriteLock("page").writeLock().tryAcquire()).isEmpty();
        assertThat(b.readWriteLock("page").writeLock().tryAcquire()).isEmpty();

        first.release();
        second.release();
        assertThat(b.readWriteLock("page").writeLock().tryAcquire()).isEmpty();
        third.release();

        LockHandle writer = b.readWriteLock("page").writeLock().tryAcquire().orElseThrow();
        assertThat(writer.fencingToken()).isGreaterThan(third.fencingToken());
        for (LockRegistry registry : List.of(a, b)) {
            assertThat(registry.readWriteLock("page").readLock().tryAcquire()).isEmpty();
            assertThat(registry.readWriteLock("page").writeLock().tryAcquire()).isEmpty();
        }
    }

    @Test
    void aWriterWaitsForAllReadersBeforeIt() throws Exception {
        List<LockHandle> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            readers.add((i == 1 ? b : a).readWriteLock("page").readLock().acquire());
        }
        Future<LockHandle> writer = waiting(a.readWriteLock("page").writeLock(), "page", 4);
        readers.get(2).release();
        readers.get(0).release();
        assertThat(writer.isDone()).isFalse();
        readers.get(1).release();

        assertThat(writer.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
    }

    @Test
    void readersDoNotOvertakeAWriterWhoWaits() throws Exception {
        LockHandle reader = a.readWriteLock("page").readLock().acquire();
        Future<LockHandle> writer = waiting(b.readWriteLock("page").writeLock(), "page", 2);

        assertThat(a.readWriteLock("page").readLock().tryAcquire()).isEmpty();
        assertThat(b.readWriteLock("page").readLock().tryAcquire()).isEmpty();
        Future<LockHandle> late = waiting(a.readWriteLock("page").readLock(), "page", 3);

        reader.release();
        LockHandle writing = writer.get(20, TimeUnit.SECONDS);
        assertThat(late.isDone()).isFalse();
        writing.release();
        assertThat(late.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
    }

    @Test
    void readersWhoWaitForAWriterComeInTogether() throws Exception {
        LockHandle writer = a.readWriteLock("page").writeLock().acquire();
        Future<LockHandle> first = waiting(b.readWriteLock("page").readLock(), "page", 2);
        LockRegistry c = registry();
        Future<LockHandle> second = waiting(c.readWriteLock("page").readLock(), "page", 3);

        writer.release();

        assertThat(first.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
        assertThat(second.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
    }

    @Test
    void aWriterWhoGivesUpLetsReadersIn() throws Exception {
        LockHandle reader = a.readWriteLock("page").readLock().acquire();
        CompletableFuture<Optional<LockHandle>> writer =
                b.readWriteLock("page").writeLock().tryAcquireAsync(LONG);
        await().atMost(SOON).until(() -> entries("page").size() == 2);
        Future<LockHandle> late = waiting(a.readWriteLock("page").readLock(), "page", 3);

        writer.cancel(false);

        assertThat(late.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
        assertThat(reader.isHeld()).isTrue();
    }

    @Test
    void thePlainLockIsTheWriteLock() throws Exception {
        LockHandle plain = a.lock("page").acquire();
        assertThat(b.readWriteLock("page").readLock().tryAcquire()).isEmpty();
        assertThat(b.readWriteLock("page").writeLock().tryAcquire()).isEmpty();
        plain.release();

        b.readWriteLock("page").readLock().acquire();
        assertThat(a.lock("page").tryAcquire()).isEmpty();
    }

    @Test
    void anotherProgramsLockKeepsReadersOut() throws Exception {
        put("page", "7f", "");
        assertThat(a.readWriteLock("page").readLock().tryAcquire()).isEmpty();
        Future<LockHandle> reader = waiting(b.readWriteLock("page").readLock(), "page", 2);

        delete("page", "7f");

        assertThat(reader.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
    }

    @Test
    void aDowngradeLetsReadersInAndNoWriter() throws Exception {
        ReadWriteLeaseLock lock = a.readWriteLock("page");
        LockHandle writing = lock.writeLock().acquire();
        Future<LockHandle> reader = waiting(b.readWriteLock("page").readLock(), "page", 2);
        LockRegistry c = registry();
        Future<LockHandle> writer = waiting(c.readWriteLock("page").writeLock(), "page", 3);

        LockHandle reading = lock.downgrade(writing);

        assertThat(writing.isHeld()).isFalse();
        assertThat(writing.loss()).isEmpty();
        assertThat(reading.isHeld()).isTrue();
        assertThat(reading.fencingToken()).isEqualTo(writing.fencingToken());
        assertThat(reader.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
        assertThat(entries("page").get(0).value()).contains("\"kind\":\"shared\"");
        assertThat(writer.isDone()).isFalse();

        reading.release();
        reader.get().release();
        assertThat(writer.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
    }

    @Test
    void afterADowngradeReadersOfTheSameProcessComeIn() throws Exception {
        ReadWriteLeaseLock lock = a.readWriteLock("page");
        LockHandle writing = lock.writeLock().acquire();
        CompletableFuture<Optional<LockHandle>> local = lock.readLock().tryAcquireAsync(LONG);

        LockHandle reading = lock.downgrade(writing);

        assertThat(local.get(20, TimeUnit.SECONDS)).isPresent();
        assertThat(lock.writeLock().tryAcquire()).isEmpty();
        assertThat(reading.isHeld()).isTrue();
        assertThat(a.status().held()).isEqualTo(2);
    }

    @Test
    void onlyAWriteHoldOfTheSameLockCanBeDowngraded() throws Exception {
        ReadWriteLeaseLock lock = a.readWriteLock("page");
        LockHandle released = lock.writeLock().acquire();
        released.release();
        assertThatIllegalStateException()
                .isThrownBy(() -> lock.downgrade(released))
                .withMessageContaining("page");

        LockHandle reader = lock.readLock().acquire();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lock.downgrade(reader))
                .withMessageContaining("page");
        reader.release();
        LockHandle other = a.lock("other").acquire();
        assertThatIllegalArgumentException().isThrownBy(() -> lock.downgrade(other));
        LockHandle foreign = b.readWriteLock("page").writeLock().acquire();
        assertThatIllegalArgumentException().isThrownBy(() -> lock.downgrade(foreign));
        assertThat(foreign.isHeld() && other.isHeld()).isTrue();
    }

    @Test
    void aLostWriteHoldCannotBeDowngraded() throws Exception {
        ReadWriteLeaseLock lock = a.readWriteLock("page");
        LockHandle writing = lock.writeLock().acquire();
        KeyValue key = entries("page").get(0);
        delete("page", key.key().substring(key.key().lastIndexOf('/') + 1));
        await().atMost(SOON).until(() -> writing.loss().isPresent());

        assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> lock.downgrade(writing));
        assertThat(a.status().held()).isZero();
    }

    @Test
    void aThreadThatReadsIsRefusedTheWriteLockAtOnce() throws Exception {
        Lock read = a.readWriteLock("page").readLock().asLock();
        Lock write = a.readWriteLock("page").writeLock().asLock();
        read.lock();
        try {
            assertThatIllegalStateException().isThrownBy(write::lock).withMessageContaining("unlock the read lock");
            assertThatIllegalStateException().isThrownBy(write::lockInterruptibly);
            assertThatIllegalStateException().isThrownBy(write::tryLock);
            assertThatIllegalStateException().isThrownBy(() -> write.tryLock(1, TimeUnit.DAYS));
            assertThat(entries("page")).hasSize(1);
            assertThat(threads.submit(() -> b.readWriteLock("page")
                                    .readLock()
                                    .tryAcquire()
                                    .isPresent())
                            .get())
                    .isTrue();
        } finally {
            read.unlock();
        }
    }

    @Test
    void aThreadThatWritesMayReadAndGoOnReading() throws Exception {
        ReadWriteLeaseLock lock = a.readWriteLock("page");
        Lock read = lock.readLock().asLock();
        Lock write = lock.writeLock().asLock();
        write.lock();
        write.lock();
        read.lock();
        assertThat(entries("page")).hasSize(1);
        write.unlock();
        assertThat(b.readWriteLock("page").readLock().tryAcquire()).isEmpty();
        write.unlock();

        LockHandle other = b.readWriteLock("page").readLock().tryAcquire().orElseThrow();
        assertThat(b.readWriteLock("page").writeLock().tryAcquire()).isEmpty();
        read.unlock();
        other.release();
        assertThat(entries("page")).isEmpty();
    }

    @Test
    void readingInsideWritingEndsWithinIt() {
        ReadWriteLeaseLock lock = a.readWriteLock("page");
        lock.writeLock().asLock().lock();
        assertThat(lock.readLock().asLock().tryLock()).isTrue();
        lock.readLock().asLock().unlock();

        assertThat(b.readWriteLock("page").readLock().tryAcquire()).isEmpty();
        lock.writeLock().asLock().unlock();
        assertThat(entries("page")).isEmpty();
    }

    @Test
    void manyReadersAndWritersKeepApart() throws Exception {
        AtomicInteger readers = new AtomicInteger();
        AtomicInteger writers = new AtomicInteger();
        AtomicInteger together = new AtomicInteger();
        CountDownLatch met = new CountDownLatch(2);
        List<Future<?>> users = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ReadWriteLeaseLock lock = (i % 2 == 0 ? a : b).readWriteLock("page");
            boolean writes = i >= 7;
            if (writes) {
                // A writer between two readers who wait for each other would keep them apart.
                assertThat(met.await(20, TimeUnit.SECONDS)).isTrue();
            }
            users.add(threads.submit(() -> {
                for (int round = 0; round < 10; round++) {
                    LockHandle handle = (writes ? lock.writeLock() : lock.readLock())
                            .tryAcquire(LONG)
                            .orElseThrow();
                    if (writes) {
                        assertThat(writers.incrementAndGet()).isEqualTo(1);
                        assertThat(readers.get()).isZero();
                        writers.decrementAndGet();
                    } else {
                        together.accumulateAndGet(readers.incrementAndGet(), Math::max);
                        assertThat(writers.get()).isZero();
                        met.countDown();
                        assertThat(met.await(20, TimeUnit.SECONDS)).isTrue();
                        assertThat(entries("page")).isNotEmpty();
                        readers.decrementAndGet();
                    }
                    handle.release();
                }
                return null;
            }));
        }
        for (Future<?> user : users) {
            user.get(60, TimeUnit.SECONDS);
        }
        assertThat(together.get()).as("readers at once").isGreaterThan(1);
    }

    // Several names

    @Test
    void allNamesAreTakenAtOneRevisionOrNone() {
        LockHandle handle =
                a.allOf(List.of("seat-2", "seat-1", "seat-2")).tryAcquire().orElseThrow();

        assertThat(handle.name()).isEqualTo("seat-1, seat-2");
        assertThat(entries("seat-1").get(0).createRevision())
                .isEqualTo(entries("seat-2").get(0).createRevision())
                .isEqualTo(handle.fencingToken());
        for (LockRegistry registry : List.of(a, b)) {
            assertThat(registry.lock("seat-1").tryAcquire()).isEmpty();
            assertThat(registry.lock("seat-2").tryAcquire()).isEmpty();
            assertThat(registry.allOf(List.of("seat-2", "seat-3")).tryAcquire()).isEmpty();
            assertThat(registry.lock("seat-3").tryAcquire()).hasValueSatisfying(LockHandle::release);
        }
        assertThat(a.status().held()).isEqualTo(1);

        handle.release();
        assertThat(keys()).isEmpty();
    }

    @Test
    void aFailedTryForSeveralNamesWritesNothing() {
        a.lock("seat-2").tryAcquire().orElseThrow();
        assertThat(b.lock("warm-up").tryAcquire()).hasValueSatisfying(LockHandle::release);
        long before = revision();

        assertThat(b.allOf(List.of("seat-1", "seat-2")).tryAcquire()).isEmpty();

        assertThat(revision()).isEqualTo(before);
    }

    @Test
    void aWaitForSeveralNamesEndsWhenTheLastIsFree() throws Exception {
        LockHandle first = a.lock("seat-1").acquire();
        LockHandle second = a.lock("seat-2").acquire();
        Future<LockHandle> both = waiting(b.allOf(List.of("seat-1", "seat-2")), "seat-1", 2);
        second.release();
        assertThat(both.isDone()).isFalse();
        first.release();

        assertThat(both.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
    }

    @Test
    void aTimeoutLeavesNoneOfTheNames() throws Exception {
        LockHandle holder = a.lock("seat-1").acquire();
        assertThatExceptionOfType(LockNotAcquiredException.class)
                .isThrownBy(
                        () -> b.allOf(List.of("seat-1", "seat-2"), b.defaults().withWaitTime(Duration.ofMillis(300)))
                                .acquire())
                .withMessageContaining("seat-1, seat-2");
        assertThat(entries("seat-1")).hasSize(1);
        assertThat(entries("seat-2")).isEmpty();
        holder.release();
    }

    @Test
    void oneLostNameIsTheLossOfAll() {
        LockHandle handle = a.allOf(List.of("seat-1", "seat-2")).tryAcquire().orElseThrow();
        KeyValue key = entries("seat-1").get(0);
        delete("seat-1", key.key().substring(key.key().lastIndexOf('/') + 1));

        await().atMost(SOON).until(() -> handle.loss().isPresent());
        await().atMost(SOON).until(() -> entries("seat-2").isEmpty());
        assertThat(handle.loss()).map(LockLoss::reason).hasValue(LockLoss.Reason.KEY_DELETED);
    }

    @Test
    void oneNameDeletedWhileWaitingEndsTheWait() throws Exception {
        LockHandle holder = a.lock("seat-2").acquire();
        Future<LockHandle> both = waiting(b.allOf(List.of("seat-1", "seat-2")), "seat-2", 2);
        KeyValue key = entries("seat-1").get(0);
        delete("seat-1", key.key().substring(key.key().lastIndexOf('/') + 1));

        await().atMost(SOON).until(both::isDone);
        assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
                .isThrownBy(both::get)
                .withCauseInstanceOf(LockLostException.class);
        await().atMost(SOON).until(() -> entries("seat-2").size() == 1);
        holder.release();
    }

    @Test
    void sixtyNamesAreNotTooManyAndSixtyOneAre() {
        List<String> names = IntStream.range(0, LockOptions.MAX_NAMES + 1)
                .mapToObj(i -> "seat-" + i)
                .toList();
        LockHandle handle = a.allOf(names.subList(0, 60)).tryAcquire().orElseThrow();
        assertThat(keys()).hasSize(60);
        CompletableFuture<Optional<LockHandle>> waiter =
                b.allOf(names.subList(0, 60)).tryAcquireAsync(LONG);
        await().atMost(SOON).until(() -> keys().size() == 120);
        handle.release();
        assertThat(waiter.orTimeout(20, TimeUnit.SECONDS).join()).hasValueSatisfying(LockHandle::release);
        assertThat(keys()).isEmpty();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> a.allOf(names))
                .withMessageContaining("61")
                .withMessageContaining("1 to 60");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> a.allOf(List.of()))
                .withMessageContaining("1 to 60");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> a.allOf(List.of("seat", " ")))
                .withMessageContaining("blank");
    }

    @Test
    void overlappingSetsInAnyOrderDoNotDeadlock() throws Exception {
        ConcurrentHashMap<String, String> owners = new ConcurrentHashMap<>();
        List<Future<?>> users = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            LockRegistry registry = i % 2 == 0 ? a : b;
            Random random = new Random(i);
            String me = "user " + i;
            users.add(threads.submit(() -> {
                for (int round = 0; round < 10; round++) {
                    List<String> names = new ArrayList<>(
                            IntStream.range(0, 10).mapToObj(n -> "seat-" + n).toList());
                    Collections.shuffle(names, random);
                    List<String> mine = names.subList(0, 1 + random.nextInt(4));
                    LockHandle handle = registry.allOf(mine).tryAcquire(LONG).orElseThrow();
                    for (String name : mine) {
                        assertThat(owners.putIfAbsent(name, me)).isNull();
                    }
                    for (String name : mine) {
                        assertThat(owners.remove(name)).isEqualTo(me);
                    }
                    handle.release();
                }
                return null;
            }));
        }
        for (Future<?> user : users) {
            user.get(60, TimeUnit.SECONDS);
        }
    }

    private static void assertConflict(LeaseLock lock, String theirs, String ours) {
        assertThatExceptionOfType(LockConflictException.class)
                .isThrownBy(lock::tryAcquire)
                .withMessageContaining(theirs)
                .withMessageContaining(ours);
        assertThatExceptionOfType(LockConflictException.class)
                .isThrownBy(() -> lock.tryAcquire(LONG))
                .withMessageContaining(theirs)
                .withMessageContaining(ours);
    }

    /** A thread that waits for the lock and stands in the store. */
    private Future<LockHandle> waiting(LeaseLock lock, String name, int entriesThen) {
        Future<LockHandle> waiter = threads.submit(() -> lock.tryAcquire(LONG).orElseThrow());
        await().atMost(SOON).until(() -> entries(name).size() == entriesThen);
        return waiter;
    }
}
