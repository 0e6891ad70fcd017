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
