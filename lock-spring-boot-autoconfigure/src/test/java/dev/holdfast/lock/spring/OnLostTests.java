package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockLostException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.util.AopTestUtils;

class OnLostTests {

    @AfterEach
    void noFlagIsLeftBehind() {
        assertThat(Thread.interrupted()).isFalse();
        assertThat(LockContext.find()).isEmpty();
    }

    @Test
    void interruptsTheBodyAndThrowsTheLoss() {
        LockedContext.run(
                Bodies.class,
                (bodies, registry) -> assertThatThrownBy(bodies::blocked)
                        .isInstanceOfSatisfying(
                                LockLostException.class,
                                lost -> assertThat(lost.getSuppressed())
                                        .hasSize(1)
                                        .allMatch(InterruptedException.class::isInstance)));
    }

    @Test
    void anExceptionWrappedAroundTheInterruptIsTheLossToo() {
        LockedContext.run(
                Bodies.class,
                (bodies, registry) -> assertThatThrownBy(bodies::wrapsAndRestoresTheFlag)
                        .isInstanceOf(LockLostException.class)
                        .satisfies(lost -> assertThat(lost.getSuppressed()[0]).hasMessage("wrapped")));
    }

    @Test
    void aBodyThatIgnoresTheInterruptIsToldAtItsEnd() {
        LockedContext.run(Bodies.class, (bodies, registry) -> {
            assertThatThrownBy(bodies::ignores)
                    .isInstanceOf(LockLostException.class)
                    .hasNoSuppressedExceptions();
            assertThat(registry.log).containsExactly("acquire x", "lose x");
        });
    }

    @Test
    void theBodysOwnExceptionWins() {
        LockedContext.run(
                Bodies.class,
                (bodies, registry) -> assertThatThrownBy(bodies::failsByItself)
                        .isInstanceOf(IOException.class)
                        .satisfies(own -> assertThat(own.getSuppressed()[0]).isInstanceOf(LockLostException.class)));
    }

    @Test
    void aFlagThatSomebodyElseSetIsPreserved() {
        LockedContext.run(Bodies.class, (bodies, registry) -> {
            assertThatThrownBy(bodies::interruptedByOthersBefore).isInstanceOf(LockLostException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThatThrownBy(bodies::interruptedByOthersAfter).isInstanceOf(LockLostException.class);
            assertThat(Thread.interrupted()).isTrue();
        });
    }

    @Test
    void throwLetsTheBodyFinish() {
        LockedContext.run(Bodies.class, (bodies, registry) -> {
            assertThatThrownBy(bodies::throwsAtTheEnd).isInstanceOf(LockLostException.class);
            assertThat(AopTestUtils.<Bodies>getTargetObject(bodies).finished).isTrue();
        });
    }

    @Test
    void notifyReturnsAsIfNothingHadHappened() {
        LockedContext.run(
                Bodies.class,
                (bodies, registry) -> assertThat(bodies.notified()).isEqualTo("done"));
    }

    @Test
    void lossOfAnOuterLockInterruptsTheInnerBody() {
        LockedContext.with(Bodies.class, Outer.class).run(context -> {
            FakeLockRegistry registry = context.getBean(FakeLockRegistry.class);
            assertThatThrownBy(context.getBean(Outer.class)::callsInner)
                    .isInstanceOfSatisfying(
                            LockLostException.class,
                            lost -> assertThat(lost.lockName()).isEqualTo("outer"));
            assertThat(registry.log).containsExactly("acquire outer", "acquire inner", "lose outer", "release inner");
        });
    }

    @Test
    void lossInAReenteredMethodReachesBothCallers() {
        LockedContext.with(Bodies.class, Outer.class)
                .run(context -> assertThatThrownBy(context.getBean(Outer.class)::reenters)
                        .isInstanceOfSatisfying(
                                LockLostException.class,
                                lost -> assertThat(lost.lockName()).isEqualTo("x")));
    }

    @Test
    void aLossAtTheEndOfTheBodyNeverInterruptsTheThreadAfterIt() throws Exception {
        for (int round = 0; round < 300; round++) {
            FakeLockRegistry registry = new FakeLockRegistry();
            Hold hold = new Hold(
                    registry,
                    List.of("x"),
                    LockKind.EXCLUSIVE,
                    registry.lock("x").acquire());
            CountDownLatch go = new CountDownLatch(1);
            Thread loser = new Thread(() -> {
                awaitQuietly(go);
                registry.lose("x");
            });
            loser.start();
            Frame frame = Frame.push(List.of(hold), OnLost.INTERRUPT, null);
            go.countDown();
            if (round % 2 == 0) {
                Thread.yield();
            }
            boolean ours = frame.pop(null);
            assertThat(Thread.interrupted()).isEqualTo(ours);
            loser.join();
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    @Test
    void aLossBeforeTheBodyBeginsInterruptsItToo() throws Exception {
        FakeLockRegistry registry = new FakeLockRegistry();
        Hold hold = new Hold(
                registry, List.of("x"), LockKind.EXCLUSIVE, registry.lock("x").acquire());
        registry.lose("x");
        Frame frame = Frame.push(List.of(hold), OnLost.INTERRUPT, null);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(frame.pop(null)).isTrue();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    static class Bodies {

        @Autowired
        FakeLockRegistry registry = new FakeLockRegistry();

        boolean finished;

        @DistributedLock(name = "x")
        void blocked() throws InterruptedException {
            Thread loser = new Thread(() -> registry.lose("x"));
            loser.start();
            new CountDownLatch(1).await();
        }

        @DistributedLock(name = "x")
        void wrapsAndRestoresTheFlag() {
            registry.lose("x");
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("wrapped", interrupted);
            }
        }

        @DistributedLock(name = "x")
        void ignores() {
            registry.lose("x");
        }

        @DistributedLock(name = "x")
        void failsByItself() throws IOException {
            registry.lose("x");
            throw new IOException("own");
        }

        @DistributedLock(name = "x")
        void interruptedByOthersBefore() {
            Thread.currentThread().interrupt();
            registry.lose("x");
        }

        @DistributedLock(name = "x")
        void interruptedByOthersAfter() throws InterruptedException {
            registry.lose("x");
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException ours) {
                Thread.currentThread().interrupt();
                throw ours;
            }
        }

        @DistributedLock(name = "x", onLost = OnLost.THROW)
        void throwsAtTheEnd() {
            registry.lose("x");
            finished = !Thread.currentThread().isInterrupted();
        }

        @DistributedLock(name = "x", onLost = OnLost.NOTIFY)
        String notified() {
            registry.lose("x");
            return Thread.currentThread().isInterrupted() ? "interrupted" : "done";
        }

        @DistributedLock(name = "inner")
        void losesOuter() throws InterruptedException {
            registry.lose("outer");
            new CountDownLatch(1).await();
        }
    }

    static class Outer {

        final AtomicReference<Thread> thread = new AtomicReference<>();

        @Autowired
        Bodies bodies = new Bodies();

        @DistributedLock(name = "outer")
        void callsInner() throws InterruptedException {
            bodies.losesOuter();
        }

        @DistributedLock(name = "x", onLost = OnLost.THROW)
        void reenters() throws InterruptedException {
            bodies.blocked();
        }
    }
}
