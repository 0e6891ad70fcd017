package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockNotAcquiredException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.test.util.AopTestUtils;

class ReentrancyTests {

    private final ApplicationContextRunner runner = LockedContext.with(Inner.class, Outer.class);

    @Test
    void theSameNameOnOneThreadIsTakenOnce() {
        runner.run(context -> {
            Outer outer = context.getBean(Outer.class);
            outer.nested();
            assertThat(context.getBean(FakeLockRegistry.class).log).containsExactly("acquire a", "release a");
            assertThat(LockContext.find()).isEmpty();
        });
    }

    @Test
    void theContextIsThatOfTheInnermostMethod() {
        runner.run(context -> {
            Outer outer = context.getBean(Outer.class);
            outer.interleaved();
            assertThat(AopTestUtils.<Outer>getTargetObject(outer).seen).containsExactly("a", "b", "a", "b", "a");
            assertThat(context.getBean(FakeLockRegistry.class).log)
                    .containsExactly("acquire a", "acquire b", "release b", "release a");
        });
    }

    @Test
    void enteringAgainAfterALossFails() {
        runner.run(context -> {
            Outer outer = context.getBean(Outer.class);
            assertThatThrownBy(outer::losesBetween).isInstanceOf(LockLostException.class);
            assertThat(AopTestUtils.<Inner>getTargetObject(context.getBean(Inner.class)).calls)
                    .isZero();
            assertThat(Thread.interrupted()).isFalse();
        });
    }

    @Test
    void anotherThreadDoesNotEnter() {
        runner.run(context -> assertThatThrownBy(context.getBean(Outer.class)::onAnotherThread)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(LockNotAcquiredException.class));
    }

    @Test
    void pooledThreadsKeepNothing() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        runner.run(context -> {
            Outer outer = context.getBean(Outer.class);
            pool.submit(() -> assertThatThrownBy(outer::failing)).get();
            assertThat(pool.submit(LockContext::find).get()).isEmpty();
        });
        pool.shutdownNow();
    }

    @Test
    void partOfACollectionThatIsHeldEntersAgain() {
        LockedContext.with(Items.class, Basket.class).run(context -> {
            context.getBean(Basket.class).all(List.of("1", "2"), () -> {
                Items items = context.getBean(Items.class);
                LockHandle outer = LockContext.current();
                assertThat(items.one("2")).isSameAs(outer);
                assertThat(items.some(List.of("2", "1"))).isSameAs(outer);
            });
            assertThat(context.getBean(FakeLockRegistry.class).log)
                    .containsExactly("acquire i:1, i:2", "release i:1, i:2");
        });
    }

    @Test
    void onlyTheMissingElementsAreTaken() {
        LockedContext.with(Items.class, Basket.class).run(context -> {
            FakeLockRegistry registry = context.getBean(FakeLockRegistry.class);
            Items items = context.getBean(Items.class);
            context.getBean(Basket.class).all(List.of("1"), () -> items.checked(List.of("2", "1", "3")));
            assertThat(registry.log)
                    .containsExactly("acquire i:1", "acquire i:2, i:3", "release i:2, i:3", "release i:1");
        });
    }

    @Test
    void severalHoldsAreEnteredAgainTogetherAndLossOfAnyEndsTheMethod() {
        LockedContext.with(Items.class, Basket.class).run(context -> {
            FakeLockRegistry registry = context.getBean(FakeLockRegistry.class);
            Items items = context.getBean(Items.class);
            Basket basket = context.getBean(Basket.class);
            assertThatThrownBy(() ->
                            basket.notified("1", () -> basket.notified("2", () -> items.loses("1", List.of("1", "2")))))
                    .isInstanceOfSatisfying(
                            LockLostException.class,
                            lost -> assertThat(lost.lockName()).isEqualTo("i:1"));
            assertThat(registry.log).containsExactly("acquire i:1", "acquire i:2", "lose i:1", "release i:2");
            assertThat(Thread.interrupted()).isFalse();
        });
    }

    @Test
    void aWriterMayReadButAReaderMayNotWrite() {
        LockedContext.with(Kinds.class, Calls.class).run(context -> {
            Kinds kinds = context.getBean(Kinds.class);
            Calls calls = context.getBean(Calls.class);
            calls.exclusively(() ->
                    kinds.read(() -> assertThat(LockContext.current().name()).isEqualTo("k")));
            kinds.read(() -> kinds.read(() -> {}));
            FakeLockRegistry registry = context.getBean(FakeLockRegistry.class);
            assertThat(registry.log).containsExactly("acquire k", "release k", "acquire k as reader", "release k");
            assertThatThrownBy(() -> kinds.read(() -> calls.exclusively(() -> {})))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Lock 'k' is held by this thread as a shared lock")
                    .hasMessageContaining("cannot be entered as an exclusive lock");
            assertThat(registry.isHeld("k")).isFalse();
        });
    }

    @Test
    void aPermitIsEnteredAgainOnlyByWhoStatesTheSameNumber() {
        LockedContext.with(Kinds.class, Calls.class).run(context -> {
            Kinds kinds = context.getBean(Kinds.class);
            kinds.three(() -> kinds.three(() -> {}));
            assertThat(context.getBean(FakeLockRegistry.class).log)
                    .containsExactly("acquire k as one of 3", "release k");
            assertThatThrownBy(() -> kinds.three(() -> kinds.four(() -> {})))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a semaphore of 3 permits")
                    .hasMessageContaining("a semaphore of 4 permits");
            assertThatThrownBy(() -> context.getBean(Calls.class).exclusively(() -> kinds.three(() -> {})))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("an exclusive lock");
        });
    }

    static class Items {

        @Autowired
        FakeLockRegistry registry = new FakeLockRegistry();

        @DistributedLock(name = "i", key = "#id")
        LockHandle one(String id) {
            return LockContext.current();
        }

        @DistributedLock(name = "i", key = "#ids")
        LockHandle some(List<String> ids) {
            return LockContext.current();
        }

        @DistributedLock(name = "i", key = "#ids")
        void checked(List<String> ids) {
            assertThat(LockContext.current().name()).isEqualTo("i:2, i:3");
            assertThat(LockContext.current("i:3").fencingToken()).isEqualTo(2);
            assertThat(LockContext.current("i:1").fencingToken()).isEqualTo(1);
            assertThatThrownBy(LockContext::fencingToken)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'i:2, i:3', 'i:1'")
                    .hasMessageContaining("LockContext.current(name)");
            LockContext.ensureHeld();
        }

        @DistributedLock(name = "i", key = "#ids")
        void loses(String lost, List<String> ids) {
            registry.lose("i:" + lost);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertThatThrownBy(LockContext::ensureHeld).isInstanceOf(LockLostException.class);
        }
    }

    static class Basket {

        @DistributedLock(name = "i", key = "#ids")
        void all(List<String> ids, Runnable body) {
            body.run();
        }

        @DistributedLock(name = "i", key = "#id", onLost = OnLost.NOTIFY)
        void notified(String id, Runnable body) {
            body.run();
        }
    }

    static class Kinds {

        @DistributedLock(name = "k", mode = LockMode.SHARED)
        void read(Runnable body) {
            body.run();
        }

        @DistributedLock(name = "k", permits = 3)
        void three(Runnable body) {
            body.run();
        }

        @DistributedLock(name = "k", permits = 4)
        void four(Runnable body) {
            body.run();
        }
    }

    static class Calls {

        @DistributedLock(name = "k")
        void exclusively(Runnable body) {
            body.run();
        }
    }

    static class Inner {

        int calls;

        @DistributedLock(name = "a")
        String a() {
            calls++;
            return LockContext.current().name();
        }

        @DistributedLock(name = "b")
        void b(Outer outer) {
            outer.seen.add(LockContext.current().name());
            outer.seen.add(a.a());
            outer.seen.add(LockContext.current().name());
        }

        @Autowired
        @org.springframework.context.annotation.Lazy
        Inner a = this;
    }

    static class Outer {

        final List<String> seen = new ArrayList<>();

        @Autowired
        Inner inner = new Inner();

        @Autowired
        FakeLockRegistry registry = new FakeLockRegistry();

        @DistributedLock(name = "a")
        void nested() {
            LockHandle handle = LockContext.current();
            inner.a();
            assertThat(LockContext.current()).isSameAs(handle);
            assertThat(handle.isHeld()).isTrue();
        }

        @DistributedLock(name = "a")
        void interleaved() {
            seen.add(LockContext.current().name());
            inner.b(this);
            seen.add(LockContext.current().name());
        }

        @DistributedLock(name = "a", onLost = OnLost.NOTIFY)
        void losesBetween() {
            registry.lose("a");
            inner.a();
        }

        @DistributedLock(name = "a")
        void onAnotherThread() throws Exception {
            ExecutorService other = Executors.newSingleThreadExecutor();
            try {
                other.submit(inner::a).get();
            } finally {
                other.shutdownNow();
            }
        }

        @DistributedLock(name = "a")
        void failing() {
            inner.a();
            throw new IllegalStateException();
        }
    }
}
