package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import dev.holdfast.lock.spring.FakeLockRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

@ExtendWith(OutputCaptureExtension.class)
@Timeout(30)
class LockShutdownTests {

    @Test
    void takesNoMoreRequestsAndWaitsForReleases() throws Exception {
        LockRegistry registry = MemoryLockRegistry.create();
        LockHandle handle = registry.lock("x").acquire();
        GenericApplicationContext context = context(registry, Duration.ofSeconds(20));
        releaseWhileClosing(context, registry, handle);
        assertThat(handle.loss()).isEmpty();
    }

    @Test
    void takesAwayWhatIsHeldAfterTheTimeout(CapturedOutput output) throws Exception {
        LockRegistry registry = MemoryLockRegistry.create();
        LockHandle handle = registry.lock("x").acquire();
        GenericApplicationContext context = context(registry, Duration.ofMillis(50));
        context.close();
        assertThat(handle.isHeld()).isFalse();
        assertThat(handle.loss()).isPresent();
        assertThat(output).contains("1 locks are still held after holdfast.shutdown-timeout=PT0.05S");
    }

    @Test
    void stoppingAContextThatMayStartAgainDoesNothing() {
        FakeLockRegistry registry = new FakeLockRegistry();
        GenericApplicationContext context = context(registry, Duration.ZERO);
        context.stop();
        context.start();
        assertThat(registry.log).isEmpty();
        context.close();
        assertThat(registry.log).containsExactly("stopAccepting", "close");
    }

    @Test
    void aCloseAfterAStopWaitsToo() throws Exception {
        LockRegistry registry = MemoryLockRegistry.create();
        LockHandle handle = registry.lock("x").acquire();
        GenericApplicationContext context = context(registry, Duration.ofSeconds(20));
        context.stop();
        releaseWhileClosing(context, registry, handle);
        assertThat(handle.loss()).isEmpty();
    }

    @Test
    void eventsOnOtherThreadsDoNotKeepItFromWaiting() throws Exception {
        LockRegistry registry = MemoryLockRegistry.create();
        LockHandle handle = registry.lock("x").acquire();
        GenericApplicationContext context = new GenericApplicationContext();
        context.registerBean(
                AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME,
                SimpleApplicationEventMulticaster.class,
                definition -> definition.getPropertyValues().add("taskExecutor", (Executor) task -> {}));
        context.registerBean(LockShutdown.class, () -> new LockShutdown(List.of(registry), Duration.ofSeconds(20)));
        context.refresh();
        releaseWhileClosing(context, registry, handle);
        assertThat(handle.loss()).isEmpty();
    }

    @Test
    void aListenerThatThrowsDoesNotKeepItFromWaiting() throws Exception {
        LockRegistry registry = MemoryLockRegistry.create();
        LockHandle handle = registry.lock("x").acquire();
        GenericApplicationContext context = new GenericApplicationContext();
        context.registerBean(ThrowsFirst.class);
        context.registerBean(LockShutdown.class, () -> new LockShutdown(List.of(registry), Duration.ofSeconds(20)));
        context.refresh();
        releaseWhileClosing(context, registry, handle);
        assertThat(handle.loss()).isEmpty();
    }

    @Order(Ordered.HIGHEST_PRECEDENCE)
    static class ThrowsFirst implements ApplicationListener<ContextClosedEvent> {

        @Override
        public void onApplicationEvent(ContextClosedEvent event) {
            throw new IllegalStateException("on purpose");
        }
    }

    private static void releaseWhileClosing(GenericApplicationContext context, LockRegistry registry, LockHandle handle)
            throws InterruptedException {
        Thread closing = new Thread(() -> {
            context.close();
            // What the end of its bean does in an application.
            registry.close();
        });
        closing.start();
        await().untilAsserted(() ->
                assertThatThrownBy(() -> registry.lock("y").tryAcquire()).isInstanceOf(IllegalStateException.class));
        assertThat(handle.isHeld()).isTrue();
        handle.release();
        closing.join();
    }

    @Test
    void theEndOfAChildContextIsNotOurs() {
        FakeLockRegistry registry = new FakeLockRegistry();
        GenericApplicationContext parent = context(registry, Duration.ZERO);
        GenericApplicationContext child = new GenericApplicationContext(parent);
        child.refresh();
        child.close();
        parent.stop();
        assertThat(registry.log).isEmpty();
        parent.close();
    }

    @Test
    void comesAfterTheWebServerHasDrained() {
        int webServerGracefulShutdown = SmartLifecycle.DEFAULT_PHASE - 1024;
        int webServerStop = SmartLifecycle.DEFAULT_PHASE - 2048;
        assertThat(new LockShutdown(List.of(), Duration.ZERO).getPhase())
                .isLessThan(webServerGracefulShutdown)
                .isLessThan(webServerStop);
    }

    @Test
    void workThatExecutorsFinishCanStillLock() throws Exception {
        LockRegistry registry = MemoryLockRegistry.create();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch othersStopped = new CountDownLatch(1);
        GenericApplicationContext context = new GenericApplicationContext();
        context.registerBean(LockShutdown.class, () -> new LockShutdown(List.of(registry), Duration.ofSeconds(20)));
        context.registerBean(ThreadPoolTaskExecutor.class);
        context.registerBean(StoppedLast.class, () -> new StoppedLast(othersStopped));
        context.refresh();
        Future<Boolean> work = context.getBean(ThreadPoolTaskExecutor.class).submit(() -> {
            begun.countDown();
            othersStopped.await();
            try (LockHandle handle = registry.lock("late").tryAcquire().orElseThrow()) {
                return handle.isHeld();
            }
        });
        // An executor waits only for work that has begun.
        begun.await();
        context.close();
        assertThat(work.get(10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> registry.lock("later").tryAcquire()).isInstanceOf(IllegalStateException.class);
    }

    /** The last phase before that of executors. */
    private record StoppedLast(CountDownLatch stopped) implements SmartLifecycle {

        @Override
        public int getPhase() {
            return ExecutorConfigurationSupport.DEFAULT_PHASE + 1;
        }

        @Override
        public void start() {}

        @Override
        public boolean isRunning() {
            return stopped.getCount() > 0;
        }

        @Override
        public void stop() {
            stopped.countDown();
        }
    }

    private static GenericApplicationContext context(LockRegistry registry, Duration timeout) {
        GenericApplicationContext context = new GenericApplicationContext();
        context.registerBean(LockShutdown.class, () -> new LockShutdown(List.of(registry), timeout));
        context.refresh();
        return context;
    }
}
