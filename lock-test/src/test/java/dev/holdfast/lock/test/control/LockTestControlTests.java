package dev.holdfast.lock.test.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No test here waits for a TTL, a wait time or an answer to pass; if one did, it would miss its time limit. */
@Timeout(60)
class LockTestControlTests {

    private static final Duration TTL = Duration.ofMinutes(5);
    private static final Duration WAIT = Duration.ofMinutes(10);

    private final LockTestControl control = LockTestControl.create();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final LockRegistry registry = registry();

    @AfterEach
    void close() {
        registry.close();
        control.close();
    }

    @Test
    void aLockThatIsLostIsToldBeforeTheCallReturns() throws InterruptedException {
        LockHandle handle = registry.lock("orders").acquire();
        LockHandle other = registry.lock("prices").acquire();
        control.lose("orders");
        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.loss()).map(LockLoss::reason).contains(LockLoss.Reason.KEY_DELETED);
        assertThat(told).containsExactly("lost orders KEY_DELETED");
        assertThat(other.isHeld()).isTrue();
        assertThat(registry.lock("orders").tryAcquire()).isPresent();
    }

    @Test
    void aSetIsLostUnderAnyOfItsNames() throws InterruptedException {
        LockHandle both = registry.allOf(List.of("a", "b")).acquire();
        assertThat(control.isHeld("b")).isTrue();
        control.lose("b");
        assertThat(both.isHeld()).isFalse();
    }

    @Test
    void aNameWithACommaIsOneName() throws InterruptedException {
        registry.lock("a, b").acquire();
        assertThat(control.isHeld("a, b")).isTrue();
        assertThat(control.isHeld("a")).isFalse();
    }

    @Test
    void everyHolderOfASemaphoreLosesIt() throws InterruptedException {
        LeaseLock exports = registry.semaphore("exports/daily", 2);
        LockHandle one = exports.acquire();
        LockHandle two = exports.acquire();
        control.lose("exports/daily");
        assertThat(one.isHeld()).isFalse();
        assertThat(two.isHeld()).isFalse();
        assertThat(told).hasSize(2);
    }

    @Test
    void whatIsNotHeldCannotBeLost() throws InterruptedException {
        registry.lock("prices").acquire();
        assertThatIllegalStateException()
                .isThrownBy(() -> control.lose("orders"))
                .withMessageContaining("'orders' is not held")
                .withMessageContaining("held are: prices");
    }

    @Test
    void whoWaitsForALockHeldElsewhereTimesOutAtOnce() {
        control.holdElsewhere("orders");
        assertThatExceptionOfType(LockNotAcquiredException.class)
                .isThrownBy(() -> registry.lock("orders").acquire());
        assertThat(registry.lock("orders").tryAcquire()).isEmpty();
    }

    @Test
    void aHoldSurvivesAWaitForAnotherLock() throws InterruptedException {
        LockHandle handle = registry.lock("prices").acquire();
        control.holdElsewhere("orders");
        assertThat(registry.lock("orders").tryAcquire(WAIT)).isEmpty();
        assertThat(handle.isHeld()).isTrue();
    }

    @Test
    void whoWaitsLongEnoughGetsItWhenTheOtherIsDone() throws InterruptedException {
        LockHandle other = control.holdElsewhere("orders", Duration.ofMinutes(3));
        assertThat(registry.lock("orders").tryAcquire(Duration.ofMinutes(2))).isEmpty();
        LockHandle mine = registry.lock("orders").acquire();
        assertThat(other.isHeld()).isFalse();
        assertThat(mine.isHeld()).isTrue();
        assertThat(mine.fencingToken()).isGreaterThan(other.fencingToken());
    }

    @Test
    void aLockGivenBackElsewhereIsFree() throws InterruptedException {
        control.holdElsewhere("orders").release();
        assertThat(registry.lock("orders").tryAcquire()).isPresent();
    }

    @Test
    void nobodyElsewhereGetsWhatTheApplicationHolds() throws InterruptedException {
        registry.lock("orders").acquire();
        assertThatIllegalStateException()
                .isThrownBy(() -> control.holdElsewhere("orders"))
                .withMessageContaining("'orders' is held");
    }

    @Test
    void aWaitBehindTheApplicationItselfIsARealOne() throws Exception {
        LockHandle first = registry.lock("orders").acquire();
        CompletableFuture<LockHandle> second =
                inThread(() -> registry.lock("orders").acquire());
        control.holdElsewhere("prices");
        await().until(() -> registry.status().waiting() == 1);
        first.release();
        assertThat(second.get(30, TimeUnit.SECONDS).isHeld()).isTrue();
    }

    @Test
    void aWaitInVainDoesNotEndTheWaitOfAnotherThread() throws Exception {
        control.holdElsewhere("report");
        CompletableFuture<Optional<LockHandle>> inVain =
                registry.lock("report").tryAcquireAsync(Duration.ofSeconds(30));
        LockHandle first = registry.lock("orders").acquire();
        CompletableFuture<LockHandle> second =
                inThread(() -> registry.lock("orders").acquire());
        await().until(() -> registry.status().waiting() == 2);
        await().during(Duration.ofMillis(50)).until(() -> !second.isDone());
        first.release();
        assertThat(second.get(30, TimeUnit.SECONDS).isHeld()).isTrue();
        assertThat(inVain).isNotDone();
    }

    @Test
    void aThreadThatWaitsInVainGoesOnWhenTheOthersHaveTheirLocks() throws Exception {
        control.holdElsewhere("report");
        LockHandle first = registry.lock("orders").acquire();
        CompletableFuture<LockHandle> second =
                inThread(() -> registry.lock("orders").acquire());
        await().until(() -> registry.status().waiting() == 1);
        CompletableFuture<Optional<LockHandle>> inVain =
                inThread(() -> registry.lock("report").tryAcquire(WAIT));
        await().until(() -> registry.status().waiting() == 2);
        first.release();
        assertThat(second.get(30, TimeUnit.SECONDS).isHeld()).isTrue();
        assertThat(inVain.get(30, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void whoWaitsForASemaphoreHeldElsewhereTimesOutAtOnce() throws InterruptedException {
        LeaseLock exports = registry.semaphore("exports", 2);
        List<LockHandle> others = control.holdElsewhere("exports", 2);
        assertThat(exports.tryAcquire()).isEmpty();
        assertThatExceptionOfType(LockNotAcquiredException.class).isThrownBy(exports::acquire);
        others.get(0).release();
        assertThat(exports.acquire().isHeld()).isTrue();
    }

    @Test
    void nobodyElsewhereGetsASemaphoreInUse() throws InterruptedException {
        LeaseLock exports = registry.semaphore("exports", 3);
        exports.acquire();
        assertThatIllegalStateException()
                .isThrownBy(() -> control.holdElsewhere("exports", 3))
                .withMessageContaining("'exports' is held");
        assertThat(exports.tryAcquire()).isPresent();
        assertThat(exports.tryAcquire()).isPresent();
    }

    @Test
    void aSemaphoreThatIsLostStaysWithOthersWhoHoldIt() throws InterruptedException {
        List<LockHandle> others = control.holdElsewhere("exports", 2);
        others.get(0).release();
        LockHandle mine = registry.semaphore("exports", 2).acquire();
        control.lose("exports");
        assertThat(mine.isHeld()).isFalse();
        assertThat(others.get(1).isHeld()).isTrue();
        control.advance(Duration.ofMinutes(1));
        assertThat(others.get(1).isHeld()).isTrue();
    }

    @Test
    void timeThatIsAddedEndsAWait() throws Exception {
        registry.lock("orders").acquire();
        CompletableFuture<Optional<LockHandle>> second =
                inThread(() -> registry.lock("orders").tryAcquire(WAIT));
        await().until(() -> registry.status().waiting() == 1);
        control.advance(WAIT);
        assertThat(second.get(30, TimeUnit.SECONDS)).isEmpty();
    }

    @Test
    void whileEtcdIsThereALockIsRenewed() throws InterruptedException {
        LockHandle handle = registry.lock("orders").acquire();
        control.advance(Duration.ofHours(10));
        assertThat(handle.isHeld()).isTrue();
    }

    @Test
    void aLockThatIsNotRenewedEndsWithItsTtl() throws InterruptedException {
        LockHandle handle =
                registry.lock("orders", registry.defaults().withRenew(false)).acquire();
        control.advance(TTL);
        assertThat(handle.isHeld()).isFalse();
        assertThat(told).containsExactly("lost orders EXPIRED");
    }

    @Test
    void aCapOnAHoldEndsIt() throws InterruptedException {
        LockHandle handle = registry.lock("orders", registry.defaults().withMaxHold(Duration.ofMinutes(1)))
                .acquire();
        control.advance(Duration.ofMinutes(1));
        assertThat(handle.loss()).map(LockLoss::reason).contains(LockLoss.Reason.MAX_HOLD);
    }

    @Test
    void withoutEtcdALockExpiresAndNoneIsToBeHad() throws InterruptedException {
        LockHandle handle = registry.lock("orders").acquire();
        control.etcdAway();
        control.advance(Duration.ofMinutes(1));
        assertThat(handle.isHeld()).isTrue();
        control.advance(TTL);
        assertThat(handle.isHeld()).isFalse();
        assertThat(told).containsExactly("lost orders EXPIRED");
        assertThatExceptionOfType(LockUnavailableException.class)
                .isThrownBy(() -> registry.lock("orders").acquire());
        assertThat(registry.ping(Duration.ofSeconds(1))).failsWithin(Duration.ofSeconds(30));
    }

    @Test
    void whenEtcdIsBackLocksAreToBeHad() throws InterruptedException {
        LockHandle handle = registry.lock("orders").acquire();
        control.etcdAway();
        control.advance(Duration.ofSeconds(30));
        control.etcdBack();
        control.advance(Duration.ofHours(1));
        assertThat(handle.isHeld()).isTrue();
        handle.release();
        assertThat(registry.lock("orders").acquire().isHeld()).isTrue();
    }

    @Test
    void aResetUndoesWhatWasDone() throws InterruptedException {
        control.holdElsewhere("orders");
        control.etcdAway();
        control.reset();
        assertThat(registry.lock("orders").tryAcquire()).isPresent();
        assertThat(registry.lock("prices").acquire().isHeld()).isTrue();
    }

    @Test
    void aResetReturnsWhenItWasTold() {
        Thread test = Thread.currentThread();
        control.holdElsewhere("orders");
        registry.lock("orders").tryAcquireAsync(WAIT).thenAccept(handle -> {
            await().until(() -> test.getState() == Thread.State.TIMED_WAITING);
            told.add("acquired");
        });
        control.reset();
        assertThat(told).containsExactly("acquired");
    }

    @Test
    void aRegistryThatIsMadeDuringAnOutageDoesNotReachEtcd() {
        control.etcdAway();
        LockRegistry late = registry();
        assertThatExceptionOfType(LockUnavailableException.class)
                .isThrownBy(() -> late.lock("orders").acquire());
        late.close();
    }

    @Test
    void withoutARegistryItSaysHowToGetOne() {
        LockTestControl idle = LockTestControl.create();
        assertThatIllegalStateException()
                .isThrownBy(() -> idle.holdElsewhere("orders"))
                .withMessageContaining("newRegistry()");
        idle.close();
    }

    private LockRegistry registry() {
        MemoryLockRegistry.Builder builder = MemoryLockRegistry.builder()
                .keyPrefix("mine/")
                .defaults(LockOptions.defaults().withTtl(TTL).withWaitTime(WAIT))
                .listener(new LockListener() {
                    @Override
                    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
                        if (loss.reason() != LockLoss.Reason.CLOSED) {
                            told.add("lost " + handle.name() + " " + loss.reason());
                        }
                    }
                });
        control.customize(builder);
        return builder.build();
    }

    private interface Attempt<T> {
        T get() throws InterruptedException;
    }

    private static <T> CompletableFuture<T> inThread(Attempt<T> attempt) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(attempt.get());
            } catch (InterruptedException | RuntimeException failed) {
                result.completeExceptionally(new ExecutionException(failed));
            }
        });
        thread.setDaemon(true);
        thread.start();
        return result;
    }
}
