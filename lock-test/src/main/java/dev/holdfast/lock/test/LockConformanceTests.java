package dev.holdfast.lock.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.store.KeyValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every lock registry must do, whatever store is behind it. Each registry stands for a process. Runs in real time.
 */
public abstract class LockConformanceTests extends RegistryConformanceTests {

    /** One renewal period, after which an audit is due, and time for its answers on a busy machine. */
    private static final Duration AUDIT = TTL.dividedBy(6).plus(Duration.ofSeconds(2));

    protected LockConformanceTests(StoreUnderTest store) {
        super(store);
    }

    @Test
    void onlyOneRegistryHoldsALock() {
        LockHandle first = a.lock("seat").tryAcquire().orElseThrow();

        assertThat(b.lock("seat").tryAcquire()).isEmpty();
        assertThat(a.lock("seat").tryAcquire()).isEmpty();

        first.release();
        assertThat(first.isHeld()).isFalse();
        assertThat(b.lock("seat").tryAcquire()).isPresent();
    }

    @Test
    void aHoldTellsItsState() {
        LockHandle handle = a.lock("seat").tryAcquire().orElseThrow();

        assertThat(handle.name()).isEqualTo("seat");
        assertThat(handle.isHeld()).isTrue();
        assertThat(handle.remaining()).isBetween(TTL.dividedBy(2), TTL);
        assertThat(handle.fencingToken()).isEqualTo(entries("seat").get(0).createRevision());
        handle.ensureHeld();
        assertThat(a.status().held()).isEqualTo(1);
        assertThat(a.status().sessions()).hasSize(1);

        handle.release();
        assertThat(handle.remaining()).isZero();
        assertThat(handle.loss()).isEmpty();
        assertThatIllegalStateException().isThrownBy(handle::ensureHeld).withMessageContaining("seat");
        assertThat(a.status().held()).isZero();
    }

    @Test
    void aFailedTryWritesNothing() {
        LockHandle handle = a.lock("seat").tryAcquire().orElseThrow();
        assertThat(b.lock("warm-up").tryAcquire()).hasValueSatisfying(LockHandle::release);
        long before = revision();

        assertThat(b.lock("seat").tryAcquire()).isEmpty();

        assertThat(revision()).isEqualTo(before);
        handle.release();
    }

    @Test
    void keysHaveTheLayoutOfGo() {
        LockHandle handle = a.lock("seat").tryAcquire().orElseThrow();

        String lease = a.status().sessions().get(0).lease();
        assertThat(keys()).containsExactly(keyPrefix() + "seat/" + lease);
        assertThat(entries("seat").get(0).value()).contains("\"kind\":\"exclusive\"", "\"pid\":");
        handle.release();
    }

    @Test
    void aWaiterGetsTheLockWhenItIsReleased() throws Exception {
        LockHandle first = a.lock("seat").acquire();
        Future<Optional<LockHandle>> second =
                threads.submit(() -> b.lock("seat").tryAcquire(Duration.ofSeconds(10)));
        await().until(() -> entries("seat").size() == 2);

        first.release();

        LockHandle handle = second.get(3, TimeUnit.SECONDS).orElseThrow();
        assertThat(handle.isHeld()).isTrue();
        assertThat(handle.fencingToken()).isGreaterThan(first.fencingToken());
    }

    @Test
    void waitersAreServedInTheOrderOfTheirComing() throws Exception {
        List<LockRegistry> others = List.of(b, registry(), registry());
        List<Integer> order = new CopyOnWriteArrayList<>();
        LockHandle first = a.lock("seat").acquire();
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < others.size(); i++) {
            int number = i;
            done.add(threads.submit(() -> {
                LockHandle handle = others.get(number)
                        .lock("seat")
                        .tryAcquire(Duration.ofSeconds(10))
                        .orElseThrow();
                order.add(number);
                handle.release();
                return null;
            }));
            await().until(() -> entries("seat").size() == number + 2);
        }

        first.release();

        for (Future<?> each : done) {
            each.get(10, TimeUnit.SECONDS);
        }
        assertThat(order).containsExactly(0, 1, 2);
    }

    @Test
    void aWaiterThatLeavesTheMiddleDoesNotStopTheOthers() throws Exception {
        LockRegistry c = registry();
        LockHandle first = a.lock("seat").acquire();
        CompletableFuture<Optional<LockHandle>> middle = b.lock("seat").tryAcquireAsync(Duration.ofSeconds(10));
        await().until(() -> entries("seat").size() == 2);
        CompletableFuture<Optional<LockHandle>> last = c.lock("seat").tryAcquireAsync(Duration.ofSeconds(10));
        await().until(() -> entries("seat").size() == 3);

        middle.cancel(false);
        await().until(() -> entries("seat").size() == 2);
        assertThat(last).isNotDone();
        first.release();

        assertThat(last.get(3, TimeUnit.SECONDS)).isPresent();
    }

    @Test
    void threadsOfOneRegistryTakeTurns() throws Exception {
        LockHandle first = a.lock("seat").acquire();
        Future<Optional<LockHandle>> second =
                threads.submit(() -> a.lock("seat").tryAcquire(Duration.ofSeconds(10)));
        await().until(() -> a.status().waiting() == 1);
        assertThat(entries("seat")).hasSize(1);

        first.release();

        LockHandle handle = second.get(3, TimeUnit.SECONDS).orElseThrow();
        first.release();
        assertThat(handle.isHeld()).isTrue();
        assertThat(entries("seat")).hasSize(1);
    }

    @Test
    void aWaitThatTimesOutEndsInTimeAndLeavesNothing() throws Exception {
        LockHandle handle = a.lock("seat").acquire();
        Duration wait = Duration.ofMillis(700);
        Duration limit = Duration.ofMillis(950);

        Duration took = Quickest.toRun(
                limit, () -> assertThat(b.lock("seat").tryAcquire(wait)).isEmpty());

        assertThat(took).isBetween(wait, limit);
        await().until(() -> entries("seat").size() == 1);
        assertThat(handle.isHeld()).isTrue();
    }

    @Test
    void acquireSaysThatTheLockWasBusy() throws Exception {
        LockHandle handle = a.lock("seat").acquire();
        LeaseLock lock = b.lock("seat", b.defaults().withWaitTime(Duration.ofMillis(300)));

        assertThatExceptionOfType(LockNotAcquiredException.class)
                .isThrownBy(lock::acquire)
                .withMessageContaining("seat")
                .satisfies(failure -> assertThat(failure.waited()).isGreaterThanOrEqualTo(Duration.ofMillis(300)));
        handle.release();
    }

    @Test
    void anInterruptEndsTheWaitAndLeavesNothing() throws Exception {
        LockHandle handle = a.lock("seat").acquire();
        CompletableFuture<Thread> waiter = new CompletableFuture<>();
        Future<Boolean> interrupted = threads.submit(() -> {
            waiter.complete(Thread.currentThread());
            try {
                b.lock("seat").acquire();
                return false;
            } catch (InterruptedException expected) {
                return true;
            }
        });
        await().until(() -> entries("seat").size() == 2);

        waiter.get(1, TimeUnit.SECONDS).interrupt();

        assertThat(interrupted.get(1, TimeUnit.SECONDS)).isTrue();
        await().until(() -> entries("seat").size() == 1);
        handle.release();
    }

    @Test
    void anInterruptedThreadDoesNotEvenAsk() {
        long before = revision();
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(() -> a.lock("seat").acquire());

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(revision()).isEqualTo(before);
    }

    @Test
    void aReleaseIsNotAbortedByAnInterrupt() throws Exception {
        LockHandle handle = a.lock("seat").acquire();
        Thread.currentThread().interrupt();

        handle.release();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(entries("seat")).isEmpty();
    }

    @Test
    void aReleaseRunsFromAnyThreadAndOnlyOnce() throws Exception {
        LockHandle first = a.lock("seat").acquire();
        threads.submit(first::release).get(3, TimeUnit.SECONDS);
        LockHandle second = a.lock("seat").acquire();

        first.release();
        first.close();
        first.releaseAsync().get(3, TimeUnit.SECONDS);

        assertThat(second.isHeld()).isTrue();
        assertThat(entries("seat")).hasSize(1);
        assertThat(second.fencingToken()).isGreaterThan(first.fencingToken());
    }

    @Test
    void anAsyncReleaseIsFollowedInOrder() throws Exception {
        LockHandle first = a.lock("seat").acquire();
        CompletableFuture<Void> released = first.releaseAsync();

        assertThat(a.lock("seat").tryAcquire()).isPresent();
        released.get(3, TimeUnit.SECONDS);
    }

    @Test
    void aCancelledRequestLeavesNothing() throws Exception {
        LockHandle handle = a.lock("seat").acquire();
        CompletableFuture<Optional<LockHandle>> request = b.lock("seat").tryAcquireAsync(Duration.ofSeconds(10));
        await().until(() -> entries("seat").size() == 2);

        request.cancel(false);

        await().until(() -> entries("seat").size() == 1);
        await().until(() -> b.status().waiting() == 0);
        handle.release();
        await().until(() -> entries("seat").isEmpty());
    }

    @Test
    void anAsyncRequestCompletesOffTheIoThreads() throws Exception {
        AtomicReference<String> thread = new AtomicReference<>();
        LockHandle first = a.lock("seat").acquire();
        CompletableFuture<Void> told = b.lock("seat")
                .tryAcquireAsync(Duration.ofSeconds(10))
                .thenAccept(handle -> thread.set(Thread.currentThread().getName()));
        await().until(() -> entries("seat").size() == 2);

        first.release();

        told.get(3, TimeUnit.SECONDS);
        assertThat(thread.get()).startsWith("holdfast-callback");
    }

    @Test
    void theLockViewIsReentrantAndOwnedByItsThread() throws Exception {
        Lock lock = a.lock("seat").asLock();
        lock.lock();
        long token = entries("seat").get(0).createRevision();
        assertThat(a.lock("seat").asLock().tryLock()).isTrue();
        assertThat(entries("seat"))
                .singleElement()
                .satisfies(key -> assertThat(key.createRevision()).isEqualTo(token));

        Future<?> stranger = threads.submit(lock::unlock);
        assertThat(stranger)
                .failsWithin(Duration.ofSeconds(3))
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(IllegalMonitorStateException.class);
        assertThat(threads.submit(() -> lock.tryLock()).get(3, TimeUnit.SECONDS))
                .isFalse();

        lock.unlock();
        assertThat(entries("seat")).hasSize(1);
        lock.unlock();
        assertThat(entries("seat")).isEmpty();
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock);
    }

    @Test
    void anUninterruptibleLockKeepsTheFlag() throws Exception {
        LockHandle handle = a.lock("seat").acquire();
        CompletableFuture<Thread> waiter = new CompletableFuture<>();
        Future<Boolean> flag = threads.submit(() -> {
            waiter.complete(Thread.currentThread());
            Lock lock = b.lock("seat").asLock();
            lock.lock();
            lock.unlock();
            return Thread.interrupted();
        });
        await().until(() -> entries("seat").size() == 2);
        waiter.get(1, TimeUnit.SECONDS).interrupt();
        await().during(Duration.ofMillis(200)).until(() -> !flag.isDone());

        handle.release();

        assertThat(flag.get(3, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"order:17", "a/b", "100%", "%2F", "käse", "\uD83D\uDD12", "a b", "x/", "//", "nul\u0000"})
    void anyNameLocks(String name) throws Exception {
        LockHandle handle = a.lock(name).acquire();
        assertThat(b.lock(name).tryAcquire()).isEmpty();
        assertThat(handle.name()).isEqualTo(name);
        handle.release();
        assertThat(keys()).isEmpty();
    }

    @Test
    void namesThatLookRelatedAreNot() throws Exception {
        List<LockHandle> handles = new ArrayList<>();
        for (String name : List.of("a", "a/b", "a%2Fb", "a/b/c", "a%", "a/")) {
            handles.add(a.lock(name).tryAcquire().orElseThrow(() -> new AssertionError(name)));
        }
        handles.forEach(LockHandle::release);
    }

    @Test
    void aForeignKeyBelowTheNameIsNoCompetitor() throws Exception {
        String foreign = keyPrefix() + "seat/config";
        put(foreign, "x");

        LockHandle tried = a.lock("seat").tryAcquire().orElseThrow();
        assertThat(b.lock("seat").tryAcquire()).isEmpty();
        tried.release();
        LockHandle waited = b.lock("seat").acquire();
        waited.release();

        delete(foreign);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "half \uD83D"})
    void aBadNameIsRefused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> a.lock(name)).withMessageContaining("name");
    }

    @Test
    void aNameHasALimit() throws Exception {
        a.lock("x".repeat(4096)).acquire().release();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> a.lock("x".repeat(4097)))
                .withMessageContaining("4097");
    }

    @Test
    void aHoldOutlivesItsTtl() {
        LockHandle handle = a.lock("seat").tryAcquire().orElseThrow();

        await().during(TTL.plusSeconds(2)).atMost(TTL.plusSeconds(4)).until(handle::isHeld);

        assertThat(b.lock("seat").tryAcquire()).isEmpty();
        handle.release();
    }

    @Test
    void aHoldThatIsNotRenewedIsLostBeforeOthersGetIt() throws Exception {
        LockHandle handle = a.lock("seat", a.defaults().withRenew(false)).acquire();
        CompletableFuture<Optional<LockHandle>> next = b.lock("seat").tryAcquireAsync(TTL.plusSeconds(10));
        List<String> order = new CopyOnWriteArrayList<>();
        handle.lost().thenAccept(loss -> order.add("lost"));
        next.thenAccept(granted -> order.add("granted"));

        assertThat(next.get(TTL.toSeconds() + 5, TimeUnit.SECONDS)).isPresent();

        // What depends on a future may run after get().
        await().untilAsserted(() -> assertThat(order).containsExactly("lost", "granted"));
        assertThat(handle.loss())
                .hasValueSatisfying(loss -> assertThat(loss.reason()).isEqualTo(LockLoss.Reason.EXPIRED));
        handle.release();
        assertThatExceptionOfType(LockLostException.class).isThrownBy(handle::ensureHeld);
    }

    @Test
    void aHoldThatIsNotRenewedEndsItsLeaseWhenReleased() throws Exception {
        LockHandle handle = a.lock("seat", a.defaults().withRenew(false)).acquire();
        handle.release();
        assertThat(a.lock("seat", a.defaults().withRenew(false)).tryAcquire()).hasValueSatisfying(LockHandle::release);
        await().until(() -> a.status().sessions().isEmpty());
    }

    @Test
    void aDeletedKeyIsNoticedAsLost() throws Exception {
        LockHandle handle = a.lock("seat").acquire();
        LockHandle other = a.lock("other").acquire();

        delete(entries("seat").get(0).key());

        LockLoss loss = handle.lost().toCompletableFuture().get(AUDIT.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(loss.reason()).isEqualTo(LockLoss.Reason.KEY_DELETED);
        assertThat(handle.isHeld()).isFalse();
        assertThat(other.isHeld()).isTrue();
        handle.release();
        assertThat(a.lock("seat").tryAcquire()).isPresent();
    }

    @Test
    void aKeyWrittenOverIsLostAndCleanedUp() throws Exception {
        LockHandle handle = a.lock("seat").acquire();

        put(entries("seat").get(0).key(), "mine now");

        handle.lost().toCompletableFuture().get(AUDIT.toMillis(), TimeUnit.MILLISECONDS);
        await().until(() -> entries("seat").isEmpty());
    }

    @Test
    void aRevokedLeaseLosesAllItsHoldsOnce() throws Exception {
        List<String> losses = new CopyOnWriteArrayList<>();
        LockRegistry c = registry(List.of(new LockListener() {
            @Override
            public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
                losses.add(handle.name());
            }
        }));
        List<LockHandle> handles = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            handles.add(c.lock("seat-" + i).acquire());
        }

        inspector
                .revoke(Long.parseUnsignedLong(c.status().sessions().get(0).lease(), 16), Duration.ofSeconds(3))
                .get();

        await().atMost(AUDIT).until(() -> handles.stream().noneMatch(LockHandle::isHeld));
        await().until(() -> losses.size() == 20);
        assertThat(losses).doesNotHaveDuplicates();
        assertThat(c.lock("seat-0").tryAcquire()).isPresent();
    }

    @Test
    void aLostPlaceInTheQueueEndsTheWait() throws Exception {
        LockHandle handle = a.lock("seat").acquire();
        Future<LockHandle> waiter = threads.submit(() -> b.lock("seat").acquire());
        await().until(() -> entries("seat").size() == 2);

        delete(entries("seat").get(1).key());

        assertThat(waiter)
                .failsWithin(AUDIT)
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOf(LockLostException.class);
        handle.release();
    }

    @Test
    void closingEndsHoldsAndWaitsAndFreesTheName() throws Exception {
        LockHandle held = a.lock("seat").acquire();
        CompletableFuture<LockLoss> lost = held.lost().toCompletableFuture();
        Future<LockHandle> local = threads.submit(() -> a.lock("seat").acquire());
        LockHandle foreign = b.lock("other").acquire();
        Future<LockHandle> queued = threads.submit(() -> a.lock("other").acquire());
        CompletableFuture<Optional<LockHandle>> next = b.lock("seat").tryAcquireAsync(Duration.ofSeconds(10));
        await().until(() -> entries("seat").size() == 2 && entries("other").size() == 2);
        await().until(() -> a.status().waiting() == 2);

        a.close();

        assertThat(next.get(5, TimeUnit.SECONDS)).isPresent();
        assertThat(held.isHeld()).isFalse();
        assertThat(lost.get(5, TimeUnit.SECONDS).reason()).isEqualTo(LockLoss.Reason.CLOSED);
        for (Future<LockHandle> waiter : List.of(local, queued)) {
            assertThat(waiter)
                    .failsWithin(Duration.ofSeconds(5))
                    .withThrowableThat()
                    .havingRootCause()
                    .isInstanceOf(LockUnavailableException.class);
        }
        assertThat(entries("other")).hasSize(1);
        assertThat(foreign.isHeld()).isTrue();
        assertThatIllegalStateException().isThrownBy(() -> a.lock("seat").tryAcquire());
        a.close();
        held.release();
    }

    @Test
    void aRegistryThatStopsAcceptingStillReleases() throws Exception {
        LockHandle handle = a.lock("seat").acquire();

        a.stopAccepting();

        assertThatIllegalStateException().isThrownBy(() -> a.lock("other").acquire());
        assertThat(handle.isHeld()).isTrue();
        handle.release();
        assertThat(entries("seat")).isEmpty();
    }

    @Test
    void listenersHearOfAHoldInOrder() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        LockRegistry c = registry(List.of(new LockListener() {
            @Override
            public void waiting(String name, LockOptions options) {
                heard.add("waiting");
            }

            @Override
            public void acquired(LockHandle handle, LockOptions options, Duration waited) {
                heard.add("acquired");
                throw new IllegalStateException("a listener that fails");
            }

            @Override
            public void released(LockHandle handle, LockOptions options, Duration held) {
                heard.add("released");
            }

            @Override
            public void notAcquired(String name, LockOptions options, WaitOutcome outcome, Duration waited) {
                heard.add(outcome.tag());
            }
        }));

        LockHandle handle = c.lock("seat").acquire();
        assertThat(c.lock("seat").tryAcquire()).isEmpty();
        handle.release();

        assertThat(heard).containsExactly("waiting", "acquired", "waiting", "busy", "released");
    }

    @Test
    void runAndCallHoldTheLockMeanwhile() throws Exception {
        String result = a.lock("seat").call(() -> {
            assertThat(b.lock("seat").tryAcquire()).isEmpty();
            return "done";
        });
        assertThat(result).isEqualTo("done");
        a.lock("seat").run(() -> assertThat(entries("seat")).hasSize(1));
        assertThat(entries("seat")).isEmpty();
    }

    @Test
    void healthIsOneQuestion() throws Exception {
        assertThat(a.ping(Duration.ofSeconds(3)).get(3, TimeUnit.SECONDS).leaderKnown())
                .isTrue();
    }

    @Test
    void aCounterUnderTheLockIsExact() throws Exception {
        int rounds = 40;
        List<LockRegistry> registries = List.of(a, b, registry());
        int[] counter = new int[1];
        List<Long> tokens = new ArrayList<>();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> workers = new ArrayList<>();
        for (LockRegistry registry : registries) {
            for (int thread = 0; thread < 3; thread++) {
                workers.add(threads.submit(() -> {
                    start.await();
                    for (int i = 0; i < rounds; i++) {
                        try (LockHandle handle = registry.lock("counter")
                                .tryAcquire(Duration.ofSeconds(60))
                                .orElseThrow()) {
                            // Plain fields: only the lock keeps them right.
                            tokens.add(handle.fencingToken());
                            int seen = counter[0];
                            Thread.yield();
                            counter[0] = seen + 1;
                        }
                    }
                    return null;
                }));
            }
        }
        start.countDown();
        for (Future<?> worker : workers) {
            worker.get(90, TimeUnit.SECONDS);
        }

        assertThat(counter[0]).isEqualTo(registries.size() * 3 * rounds);
        assertThat(tokens).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aHoldIsLostAfterMaxHoldAndOthersComeIn() throws Exception {
        LockHandle unlimited = a.lock("other seat").acquire();
        LockHandle handle =
                a.lock("seat", options().withMaxHold(Duration.ofSeconds(1))).acquire();
        assertThat(handle.remaining()).isLessThanOrEqualTo(Duration.ofSeconds(1));

        LockHandle next = b.lock("seat").tryAcquire(Duration.ofSeconds(10)).orElseThrow();

        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.lost().toCompletableFuture().get(3, TimeUnit.SECONDS).reason())
                .isEqualTo(LockLoss.Reason.MAX_HOLD);
        assertThat(handle.extend(Duration.ZERO, Duration.ZERO)).isFalse();
        assertThatExceptionOfType(LockLostException.class).isThrownBy(handle::ensureHeld);
        handle.release();
        assertThat(handle.loss()).isPresent();
        assertThat(next.isHeld()).isTrue();
        assertThat(next.fencingToken()).isGreaterThan(handle.fencingToken());
        assertThat(unlimited.isHeld()).isTrue();
    }

    @Test
    void anExtendedHoldOutlastsItsMaxHold() throws Exception {
        LockHandle probe =
                a.lock("probe", options().withMaxHold(Duration.ofSeconds(1))).acquire();
        LockHandle handle =
                a.lock("seat", options().withMaxHold(Duration.ofSeconds(1))).acquire();
        assertThat(handle.extend(Duration.ofMinutes(5), Duration.ZERO)).isTrue();

        await().until(() -> entries("probe").isEmpty());

        assertThat(probe.isHeld()).isFalse();
        assertThat(handle.isHeld()).isTrue();
        assertThat(b.lock("seat").tryAcquire()).isEmpty();
    }

    @Test
    void aNameStaysClosedForHoldAtLeast() throws Exception {
        Duration atLeast = Duration.ofSeconds(3);
        long before = System.nanoTime();
        LockHandle handle = a.lock("seat", options().withHoldAtLeast(atLeast)).acquire();
        KeyValue held = entries("seat").get(0);

        handle.release();

        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.loss()).isEmpty();
        KeyValue kept = entries("seat").get(0);
        assertThat(kept.createRevision()).isEqualTo(held.createRevision());
        assertThat(kept.value()).isEqualTo(held.value());
        assertThat(kept.leaseId()).isNotEqualTo(held.leaseId());
        assertThat(a.lock("seat").tryAcquire()).isEmpty();
        assertThat(b.lock("seat").tryAcquire()).isEmpty();
        CompletableFuture<Optional<LockHandle>> here = a.lock("seat").tryAcquireAsync(Duration.ofSeconds(20));
        LockHandle there = b.lock("seat").tryAcquire(Duration.ofSeconds(20)).orElseThrow();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(atLeast);
        there.release();
        assertThat(here.get(10, TimeUnit.SECONDS)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNameStaysClosedForHoldAtLeastThoughTheRegistryIsClosed(boolean released) throws Exception {
        Duration atLeast = Duration.ofSeconds(3);
        long before = System.nanoTime();
        LockHandle handle = a.lock("seat", options().withHoldAtLeast(atLeast)).acquire();
        if (released) {
            handle.release();
        }

        a.close();

        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.loss().isPresent()).isEqualTo(!released);
        assertThat(entries("seat")).hasSize(1);
        LockHandle next = b.lock("seat").tryAcquire(Duration.ofSeconds(20)).orElseThrow();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(atLeast);
        next.release();
    }

    private static LockOptions options() {
        return LockOptions.defaults().withTtl(TTL);
    }
}
