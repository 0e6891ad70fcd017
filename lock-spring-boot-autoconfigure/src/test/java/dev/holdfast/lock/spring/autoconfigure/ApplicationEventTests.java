package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.LockLongWaitEvent;
import dev.holdfast.lock.spring.LockLostEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;

/** Events of single locks; those of sessions are in {@link SessionOutageTests}. */
@ExtendWith(OutputCaptureExtension.class)
class ApplicationEventTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withPropertyValues("holdfast.store=memory", "holdfast.shutdown-timeout=0s")
            .withUserConfiguration(Hearing.class)
            .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class));

    @Test
    void aLongWaitIsReportedOnAThreadOfItsOwn() {
        runner.withPropertyValues("holdfast.long-wait=50ms").run(context -> {
            waitFor(context.getBean(LockRegistry.class), "seat", Duration.ofMillis(100));
            Hearing hearing = context.getBean(Hearing.class);
            // On a slow machine the first request may have been a long wait too.
            await().untilAsserted(() -> assertThat(hearing.events).anySatisfy(event -> {
                assertThat(event.name()).isEqualTo("seat");
                assertThat(event.waited()).isGreaterThanOrEqualTo(Duration.ofMillis(90));
            }));
            assertThat(hearing.threads).containsOnly("holdfast-events");
        });
    }

    @Test
    void aShortWaitIsNotReportedAndZeroReportsNone() {
        runner.run(context -> {
            waitFor(context.getBean(LockRegistry.class), "seat", Duration.ofMillis(100));
            assertThat(context.getBean(Hearing.class).events).isEmpty();
        });
        runner.withPropertyValues("holdfast.long-wait=0s").run(context -> {
            waitFor(context.getBean(LockRegistry.class), "seat", Duration.ofMillis(100));
            assertThat(context.getBean(Hearing.class).events).isEmpty();
        });
    }

    @Test
    void aNegativeLongWaitFailsTheStart() {
        runner.withPropertyValues("holdfast.long-wait=-1s")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("holdfast.long-wait")
                        .hasMessageContaining("0s for no events"));
    }

    @Test
    void anEventListenerThatThrowsKeepsNobodyElseFromHearing(CapturedOutput output) {
        runner.withUserConfiguration(Throwing.class, Another.class).run(context -> {
            LockRegistry registry = context.getBean(LockRegistry.class);
            registry.lock("a").acquire();
            registry.lock("b").acquire();
            registry.close();
            await().untilAsserted(() ->
                    assertThat(context.getBean(Another.class).lost).containsExactlyInAnyOrder("a", "b"));
            await().untilAsserted(() -> assertThat(output)
                    .contains("LockLossPublisher failed; locks and other listeners are not affected")
                    .contains("thrown by a test"));
        });
    }

    /** Lets a request wait so long. */
    private static void waitFor(LockRegistry registry, String name, Duration wait) throws InterruptedException {
        LockHandle first = registry.lock(name).acquire();
        CompletableFuture<Optional<LockHandle>> second = registry.lock(name).tryAcquireAsync(Duration.ofSeconds(20));
        await().pollDelay(wait).until(() -> !second.isDone());
        first.release();
        second.join().orElseThrow().release();
    }

    @Configuration(proxyBeanMethods = false)
    static class Hearing {

        final List<LockLongWaitEvent> events = new CopyOnWriteArrayList<>();
        final List<String> threads = new CopyOnWriteArrayList<>();

        @EventListener
        void on(LockLongWaitEvent event) {
            threads.add(Thread.currentThread().getName());
            events.add(event);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Throwing {

        @EventListener
        void on(LockLostEvent event) {
            throw new IllegalStateException("thrown by a test for " + event);
        }
    }

    /** Told after the one that throws. */
    @Configuration(proxyBeanMethods = false)
    @Order
    static class Another implements LockListener {

        final List<String> lost = new CopyOnWriteArrayList<>();

        @Override
        public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
            lost.add(handle.name());
        }
    }
}
