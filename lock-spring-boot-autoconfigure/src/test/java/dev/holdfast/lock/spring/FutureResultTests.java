package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.aspectj.lang.annotation.Aspect;
import org.aspectj.lang.annotation.Before;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.test.util.AopTestUtils;

/** Methods that return a future. */
class FutureResultTests {

    @AfterEach
    void nothingIsLeftOnTheThread() {
        assertThat(Thread.interrupted()).isFalse();
        assertThat(LockContext.find()).isEmpty();
    }

    @Test
    void theLockIsHeldUntilTheFutureIsComplete() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.run();
            assertThat(registry.isHeld("job")).isTrue();
            assertThat(result).isNotDone();
            work.complete("done");
            assertThat(result).isCompletedWithValue("done");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void theResultIsThereOnlyAfterTheRelease() {
        run((jobs, registry, work) -> {
            CompletableFuture<Boolean> heldAtTheEnd = jobs.run().thenApply(value -> registry.isHeld("job"));
            work.complete("done");
            assertThat(heldAtTheEnd).isCompletedWithValue(false);
        });
    }

    @Test
    void aStageIsAsGoodAsAFuture() {
        run((jobs, registry, work) -> {
            CompletionStage<String> result = jobs.stage();
            assertThat(registry.isHeld("job")).isTrue();
            work.complete("done");
            assertThat(result.toCompletableFuture()).isCompletedWithValue("done");
            assertThat(registry.isHeld("job")).isFalse();
        });
    }

    @Test
    void aFailedFutureReleasesAndFailsAsItIs() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.run();
            IllegalStateException failure = new IllegalStateException("own");
            work.completeExceptionally(failure);
            assertThatThrownBy(result::get).hasCause(failure);
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void anExceptionOfTheMethodComesThroughTheFuture() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.throwing();
            assertThatThrownBy(result::join).hasCauseInstanceOf(UnsupportedOperationException.class);
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void aMethodThatReturnsNoFutureFailsTheOneItsCallerHas() {
        run((jobs, registry, work) -> {
            assertThatThrownBy(() ->
                            java.util.Objects.requireNonNull(jobs.nothing()).join())
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("nothing returned null instead of a CompletableFuture");
            assertThat(registry.isHeld("job")).isFalse();
        });
    }

    @Test
    void aKeyWithoutValueFailsTheFutureBeforeTheMethodRuns() {
        run((jobs, registry, work) -> {
            assertThatThrownBy(jobs.keyed(null)::join).hasCauseInstanceOf(IllegalArgumentException.class);
            assertThat(registry.log).isEmpty();
        });
    }

    @Test
    void aCallThatHasToWaitReturnsAtOnceAndRunsWhenTheLockIsFree() {
        run((jobs, registry, work) -> {
            LockHandle other = registry.lock("job").acquire();
            CompletableFuture<String> result = jobs.run();
            assertThat(calls(jobs)).isZero();
            other.release();
            assertThat(calls(jobs)).isOne();
            work.complete("done");
            assertThat(result).isCompletedWithValue("done");
            assertThat(registry.isHeld("job")).isFalse();
        });
    }

    @Test
    void cancelledWhileItWaitsTheRequestIsWithdrawn() {
        run((jobs, registry, work) -> {
            LockHandle other = registry.lock("job").acquire();
            CompletableFuture<String> result = jobs.run();
            result.cancel(true);
            other.release();
            assertThat(calls(jobs)).isZero();
            assertThat(registry.log).containsExactly("acquire job", "wait job", "withdraw job", "release job");
        });
    }

    @Test
    void completedByTheCallerWhileItWaitsTheRequestIsWithdrawnToo() {
        run((jobs, registry, work) -> {
            registry.lock("job").acquire();
            CompletableFuture<String> result = jobs.run();
            result.complete("no longer needed");
            assertThat(registry.log).containsExactly("acquire job", "wait job", "withdraw job");
        });
    }

    @Test
    void cancelledWhileTheMethodRunsItsFutureIsCancelledAndTheLockReleased() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.run();
            result.cancel(true);
            assertThat(work).isCancelled();
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void workThatCannotBeCancelledKeepsTheLockUntilItIsDone() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.stubborn().toCompletableFuture();
            result.cancel(true);
            assertThat(registry.isHeld("job")).isTrue();
            work.complete("done at last");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void cancelledInTheMiddleOfTheMethodTheLockIsHeldUntilItReturns() throws Exception {
        LockedContext.with(Jobs.class).run(context -> {
            Jobs jobs = context.getBean(Jobs.class);
            Jobs target = AopTestUtils.getTargetObject(jobs);
            FakeLockRegistry registry = context.getBean(FakeLockRegistry.class);
            LockHandle other = registry.lock("job").acquire();
            CompletableFuture<String> result = jobs.blocking();
            Thread granting = new Thread(other::release);
            granting.start();
            assertThat(target.entered.await(5, TimeUnit.SECONDS)).isTrue();
            result.cancel(true);
            assertThat(registry.isHeld("job")).isTrue();
            target.go.countDown();
            granting.join();
            assertThat(target.work).isCancelled();
            assertThat(registry.isHeld("job")).isFalse();
        });
    }

    @Test
    void aBusyLockFailsTheFuture() {
        run((jobs, registry, work) -> {
            registry.busy.add("job");
            assertThatThrownBy(jobs.run()::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(LockNotAcquiredException.class);
            assertThat(calls(jobs)).isZero();
        });
    }

    @Test
    void aBusyLockCompletesASkippedFutureWithNothing() {
        run((jobs, registry, work) -> {
            registry.busy.add("job");
            assertThat(jobs.skipping()).isCompletedWithValue(null);
            assertThat(jobs.skippingOptional()).isCompletedWithValue(Optional.empty());
            assertThat(calls(jobs)).isZero();
        });
    }

    @Test
    void aFallbackAnswersForABusyLockAndForAnUnavailableOne() {
        run((jobs, registry, work) -> {
            registry.busy.add("job");
            assertThat(jobs.fallingBack("a")).isCompletedWithValue("busy a");
            registry.busy.clear();
            registry.unavailable.add("job");
            assertThat(jobs.fallingBack("b")).isCompletedWithValue("unavailable b");
            assertThat(calls(jobs)).isZero();
        });
    }

    @Test
    void whatAFallbackThrowsFailsTheFuture() {
        run((jobs, registry, work) -> {
            registry.busy.add("job");
            assertThatThrownBy(jobs.fallingBack("")::join)
                    .hasCauseInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no id");
        });
    }

    @Test
    void withAFalseConditionTheMethodRunsWithoutTheLock() {
        run((jobs, registry, work) -> {
            work.complete("done");
            assertThat(jobs.conditional(false)).isSameAs(work);
            assertThat(registry.log).isEmpty();
            assertThat(jobs.conditional(true)).isCompletedWithValue("done");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void aLossCancelsTheWorkAndFailsTheResult() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.run();
            registry.lose("job");
            assertThat(work).isCancelled();
            assertThatThrownBy(result::join).hasCauseInstanceOf(LockLostException.class);
            assertThat(registry.log).containsExactly("acquire job", "lose job");
        });
    }

    @Test
    void aLossFailsTheResultAtOnceEvenIfTheWorkGoesOn() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.stubborn().toCompletableFuture();
            registry.lose("job");
            assertThat(work).isNotDone();
            assertThatThrownBy(result::join).hasCauseInstanceOf(LockLostException.class);
        });
    }

    @Test
    void aLossInterruptsTheMethodItself() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.losesAndBlocks();
            assertThatThrownBy(result::join)
                    .hasCauseInstanceOf(LockLostException.class)
                    .satisfies(failure -> assertThat(java.util.Objects.requireNonNull(failure.getCause())
                                    .getSuppressed()[0])
                            .hasRootCauseInstanceOf(InterruptedException.class));
        });
    }

    @Test
    void withThrowTheWorkMayFinishBeforeTheLossIsTold() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.throwsAtTheEnd();
            registry.lose("job");
            assertThat(result).isNotDone();
            assertThat(work).isNotDone();
            work.complete("done");
            assertThatThrownBy(result::join).hasCauseInstanceOf(LockLostException.class);
        });
    }

    @Test
    void withNotifyALossChangesNothing() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.notified();
            registry.lose("job");
            work.complete("done");
            assertThat(result).isCompletedWithValue("done");
        });
    }

    @Test
    void theWorksOwnExceptionWinsOverTheLoss() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.throwsAtTheEnd();
            registry.lose("job");
            IllegalStateException own = new IllegalStateException("own");
            work.completeExceptionally(own);
            assertThatThrownBy(result::get).hasCause(own);
            assertThat(own.getSuppressed()).hasSize(1).allMatch(LockLostException.class::isInstance);
        });
    }

    @Test
    void theExceptionOfADerivedFutureCarriesTheLossToo() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.throwsDerived();
            registry.lose("job");
            IllegalStateException own = new IllegalStateException("own");
            work.completeExceptionally(own);
            assertThatThrownBy(result::get).hasCause(own);
            assertThat(own.getSuppressed()).hasSize(1).allMatch(LockLostException.class::isInstance);
        });
    }

    @Test
    void theContextIsThereWhileTheMethodItselfRuns() {
        run((jobs, registry, work) -> {
            jobs.run();
            assertThat(AopTestUtils.<Jobs>getTargetObject(jobs).seen).containsExactly("job");
        });
    }

    @Test
    void aCallFromTheMethodEntersAgainAndTheLastOfThemReleases() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> outer = jobs.nested();
            assertThat(registry.log).containsExactly("acquire job");
            assertThat(outer).isCompletedWithValue("outer");
            // The inner one has not been waited for, and is not over.
            assertThat(registry.isHeld("job")).isTrue();
            work.complete("inner");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void aFutureBegunInAnOrdinaryMethodKeepsItsLockAfterIt() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> inner = jobs.ordinary().get(0);
            assertThat(registry.isHeld("job")).isTrue();
            work.complete("inner");
            assertThat(inner).isCompletedWithValue("inner");
            assertThat(registry.log).containsExactly("acquire job", "release job");
        });
    }

    @Test
    void enteringAgainAfterALossFails() {
        run((jobs, registry, work) -> {
            CompletableFuture<String> result = jobs.nestedAfterLoss();
            assertThatThrownBy(result::join).hasCauseInstanceOf(LockLostException.class);
            assertThat(calls(jobs)).isZero();
        });
    }

    @Test
    void aspectsInsideTheLockFindTheirInvocationOnAnotherThread() throws Exception {
        LockedContext.with(Jobs.class, HeldAspect.class)
                .withConfiguration(AutoConfigurations.of(AopAutoConfiguration.class))
                .run(context -> {
                    Jobs jobs = context.getBean(Jobs.class);
                    FakeLockRegistry registry = context.getBean(FakeLockRegistry.class);
                    LockHandle other = registry.lock("job").acquire();
                    CompletableFuture<String> result = jobs.run();
                    Thread granting = new Thread(other::release);
                    granting.start();
                    granting.join();
                    AopTestUtils.<Jobs>getTargetObject(jobs).work.complete("done");
                    assertThat(result).isCompletedWithValue("done");
                    assertThat(context.getBean(HeldAspect.class).held).isTrue();
                });
    }

    @Test
    void aCallCancelledInTheMomentOfTheGrantLeavesNothingBehind() {
        run((jobs, registry, work) -> {
            for (int round = 0; round < 300; round++) {
                LockHandle other = registry.lock("race").acquire();
                CompletableFuture<String> result = jobs.endless();
                Thread granting = new Thread(other::release);
                granting.start();
                if (round % 2 == 0) {
                    Thread.yield();
                }
                result.cancel(true);
                granting.join();
                assertThat(registry.isHeld("race")).isFalse();
            }
        });
    }

    private static int calls(Jobs jobs) {
        return AopTestUtils.<Jobs>getTargetObject(jobs).calls;
    }

    @Test
    void aWrongSettingOfTheReleaseFailsTheFutureBeforeAnythingIsTaken() {
        LockedContext.with(Jobs.class)
                .withPropertyValues("holdfast.release=never")
                .run(context -> {
                    CompletableFuture<String> result =
                            context.getBean(Jobs.class).run();
                    assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS)).hasMessageContaining("holdfast.release");
                    assertThat(context.getBean(FakeLockRegistry.class).log).isEmpty();
                });
    }

    private static void run(Body body) {
        LockedContext.run(
                Jobs.class,
                (jobs, registry) -> body.run(jobs, registry, AopTestUtils.<Jobs>getTargetObject(jobs).work));
    }

    private interface Body {
        void run(Jobs jobs, FakeLockRegistry registry, CompletableFuture<String> work) throws Exception;
    }

    static class Jobs {

        final CompletableFuture<String> work = new CompletableFuture<>();
        final List<String> seen = new ArrayList<>();
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);
        volatile int calls;

        @Autowired
        FakeLockRegistry registry = new FakeLockRegistry();

        @Autowired
        @org.springframework.context.annotation.Lazy
        Jobs self = this;

        @DistributedLock(name = "job")
        CompletableFuture<String> run() {
            calls++;
            seen.add(LockContext.current().name());
            return work;
        }

        @DistributedLock(name = "job")
        CompletionStage<String> stage() {
            return work;
        }

        @DistributedLock(name = "job")
        CompletableFuture<String> throwing() {
            throw new UnsupportedOperationException();
        }

        @DistributedLock(name = "job")
        @Nullable
        CompletableFuture<String> nothing() {
            return null;
        }

        @DistributedLock(key = "#key")
        CompletableFuture<String> keyed(@Nullable String key) {
            calls++;
            return work;
        }

        @DistributedLock(name = "job")
        CompletionStage<String> stubborn() {
            return work.minimalCompletionStage();
        }

        @DistributedLock(name = "race")
        CompletableFuture<String> endless() {
            return new CompletableFuture<>();
        }

        @DistributedLock(name = "job")
        CompletableFuture<String> blocking() throws InterruptedException {
            entered.countDown();
            go.await();
            return work;
        }

        @DistributedLock(name = "job", onBusy = OnBusy.SKIP)
        CompletableFuture<String> skipping() {
            calls++;
            return work;
        }

        @DistributedLock(name = "job", onBusy = OnBusy.SKIP)
        CompletableFuture<Optional<String>> skippingOptional() {
            calls++;
            return work.thenApply(Optional::of);
        }

        @DistributedLock(name = "job", fallback = "instead")
        CompletableFuture<String> fallingBack(String id) {
            calls++;
            return work;
        }

        private CompletableFuture<String> instead(String id) {
            if (id.isEmpty()) {
                throw new IllegalArgumentException("no id");
            }
            return CompletableFuture.completedFuture("busy " + id);
        }

        private CompletableFuture<String> instead(String id, LockUnavailableException failure) {
            return CompletableFuture.completedFuture("unavailable " + id);
        }

        @DistributedLock(name = "job", condition = "#locked")
        CompletableFuture<String> conditional(boolean locked) {
            return work;
        }

        @DistributedLock(name = "job")
        CompletableFuture<String> losesAndBlocks() {
            registry.lose("job");
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
            return work;
        }

        @DistributedLock(name = "job", onLost = OnLost.THROW)
        CompletableFuture<String> throwsAtTheEnd() {
            return work;
        }

        @DistributedLock(name = "job", onLost = OnLost.THROW)
        CompletableFuture<String> throwsDerived() {
            return work.thenApply(String::strip);
        }

        @DistributedLock(name = "job", onLost = OnLost.NOTIFY)
        CompletableFuture<String> notified() {
            return work;
        }

        @DistributedLock(name = "job")
        CompletableFuture<String> nested() {
            self.run();
            return CompletableFuture.completedFuture("outer");
        }

        @DistributedLock(name = "job")
        List<CompletableFuture<String>> ordinary() {
            return List.of(self.run());
        }

        @DistributedLock(name = "job", onLost = OnLost.NOTIFY)
        CompletableFuture<String> nestedAfterLoss() {
            registry.lose("job");
            return self.run();
        }
    }

    @Aspect
    static class HeldAspect {

        boolean held;

        @Before("execution(* dev.holdfast.lock.spring.FutureResultTests.Jobs.run(..))")
        void before() {
            held = LockContext.current().isHeld();
        }
    }
}
