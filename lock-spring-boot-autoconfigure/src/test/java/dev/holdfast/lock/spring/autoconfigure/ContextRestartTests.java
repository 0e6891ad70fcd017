package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.etcd.EtcdLockRegistry;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.LockContext;
import dev.holdfast.lock.spring.health.EtcdLockHealthIndicator;
import dev.holdfast.lock.test.EtcdServer;
import dev.holdfast.lock.test.Measured;
import dev.holdfast.lock.test.Traces;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application that is started and closed again and again, each time in the middle of its work, leaves nothing behind. */
class ContextRestartTests {

    private static final int WARM_UP = 3;

    /** Room for what the JVM, Spring and the libraries keep for themselves. */
    private static final long HEAP_BOUND_KIB = 6 * 1024;

    private final List<WeakReference<LockRegistry>> registries = new ArrayList<>();
    private EtcdServer etcd;

    @BeforeEach
    void start() {
        etcd = EtcdServer.start();
    }

    @AfterEach
    void stop() {
        etcd.close();
    }

    @Test
    void fiveRestartsLeaveNothing() throws Exception {
        assertRestartsLeaveNothing("context-restarts", 5);
    }

    @Test
    @Tag("faults")
    void twentyRestartsLeaveNothing() throws Exception {
        assertRestartsLeaveNothing("context-restarts-long", 20);
    }

    private void assertRestartsLeaveNothing(String name, int count) throws Exception {
        for (int i = 0; i < WARM_UP; i++) {
            runOnce();
        }
        Traces before = settled();
        long heap = Traces.heapKib();

        for (int i = 0; i < count; i++) {
            runOnce();
        }

        Traces after = settled();
        assertThat(after)
                .usingRecursiveComparison()
                .ignoringFields("goroutines", "threads", "files")
                .isEqualTo(before);
        assertThat(List.of(
                        after.keys(),
                        after.guards(),
                        after.leases(),
                        after.watchStreams(),
                        after.watchers(),
                        after.keepAlives(),
                        after.calls()))
                .containsOnly(0L);
        assertThat(after.goroutines()).isLessThanOrEqualTo(before.goroutines() + 5);
        assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + 3);
        assertThat(after.files()).isLessThanOrEqualTo(before.files() + 3);
        long grown = Traces.heapKib() - heap;
        Measured.log(name + ".count", count, "restarts");
        Measured.log(name + ".heap-growth", grown, "KiB");
        Measured.log(name + ".goroutine-growth", after.goroutines() - before.goroutines(), "goroutines");
        Measured.log(name + ".thread-growth", after.threads() - before.threads(), "threads");
        Measured.log(name + ".file-growth", after.files() - before.files(), "files");
        assertThat(grown).isLessThan(HEAP_BOUND_KIB);
        // Nothing that lives on, as a thread or a static field, knows a closed registry.
        assertThat(registries).hasSize(WARM_UP + count).allMatch(each -> each.refersTo(null));
    }

    /** Closed while locks are held and waited for. */
    private void runOnce() throws Exception {
        ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--holdfast.etcd.endpoints=" + etcd.endpoint(),
                        "--holdfast.shutdown-timeout=50ms",
                        "--spring.main.banner-mode=off");
        LockRegistry registry = context.getBean(LockRegistry.class);
        registries.add(new WeakReference<>(registry));
        assertThat(context.getBean(Work.class).once("42")).isTrue();
        context.getBean(Client.class)
                .getKVClient()
                .get(ByteSequence.from("x", StandardCharsets.UTF_8))
                .get(5, TimeUnit.SECONDS);
        assertThat(Objects.requireNonNull(
                                context.getBean(EtcdLockHealthIndicator.class).health())
                        .getStatus())
                .isEqualTo(Status.UP);
        LockHandle held = registry.lock("held").tryAcquire().orElseThrow();
        registry.lock("held-too", registry.defaults().withTtl(Duration.ofSeconds(7)))
                .tryAcquire()
                .orElseThrow();
        CompletableFuture<Optional<LockHandle>> waiter = registry.lock("held").tryAcquireAsync(Duration.ofMinutes(1));
        try (LockRegistry other =
                EtcdLockRegistry.builder().endpoints(etcd.endpoint()).build()) {
            LockHandle theirs = other.lock("theirs").tryAcquire().orElseThrow();
            CompletableFuture<Optional<LockHandle>> watching =
                    registry.lock("theirs").tryAcquireAsync(Duration.ofMinutes(1));
            await().until(() -> etcd.metric("etcd_debugging_mvcc_watcher_total") >= 1);
            assertThat(context.getBean(MeterRegistry.class)
                            .get("holdfast.locks.held")
                            .gauge()
                            .value())
                    .isEqualTo(2);

            context.close();

            assertThat(held.isHeld()).isFalse();
            assertThat(waiter).isCompletedExceptionally();
            assertThat(watching).isCompletedExceptionally();
            assertThat(theirs.isHeld()).isTrue();
        }
        assertThat(context.getBeanFactory().getSingletonCount()).isZero();
    }

    private Traces settled() {
        // Event loops of gRPC linger for a second, etcd's goroutines for a moment.
        Traces[] last = {Traces.of(etcd)};
        return await().pollDelay(Duration.ofSeconds(2))
                .pollInterval(Duration.ofMillis(500))
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> {
                            Traces now = Traces.of(etcd);
                            boolean same = now.equals(last[0]);
                            last[0] = now;
                            return same ? Optional.of(now) : Optional.<Traces>empty();
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        MetricsAutoConfiguration.class,
        CompositeMeterRegistryAutoConfiguration.class,
        SimpleMetricsExportAutoConfiguration.class,
        HoldfastAutoConfiguration.class,
        HoldfastHealthAutoConfiguration.class,
        HoldfastMetricsAutoConfiguration.class
    })
    static class Application {

        @Bean
        Work work() {
            return new Work();
        }

        @Bean
        Counting counting() {
            return new Counting();
        }
    }

    static class Work {

        @DistributedLock(name = "work", key = "#id")
        boolean once(String id) {
            return LockContext.current().isHeld();
        }
    }

    static class Counting implements LockListener {

        private final AtomicInteger acquired = new AtomicInteger();

        @Override
        public void acquired(LockHandle handle, LockOptions options, Duration waited) {
            acquired.incrementAndGet();
        }
    }
}
