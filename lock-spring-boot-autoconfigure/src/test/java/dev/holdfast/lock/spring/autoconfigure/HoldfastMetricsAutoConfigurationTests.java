package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.LockUnavailableException;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.metrics.LockGauges;
import dev.holdfast.lock.spring.metrics.LockMeters;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.Mockito;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class HoldfastMetricsAutoConfigurationTests {

    private final ApplicationContextRunner bare = new ApplicationContextRunner()
            .withPropertyValues("holdfast.store=memory", "holdfast.shutdown-timeout=0s")
            .withConfiguration(
                    AutoConfigurations.of(HoldfastAutoConfiguration.class, HoldfastMetricsAutoConfiguration.class));

    private final ApplicationContextRunner runner = bare.withUserConfiguration(Jobs.class)
            .withConfiguration(AutoConfigurations.of(
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class,
                    SimpleMetricsExportAutoConfiguration.class));

    @Test
    void waitsAndHoldsAreTimedByName() {
        runner.run(context -> {
            MeterRegistry meters = context.getBean(MeterRegistry.class);
            context.getBean(Jobs.class).run(1);
            context.getBean(Jobs.class).run(2);
            assertThat(meters.get("holdfast.lock.wait")
                            .tag("lock", "jobs")
                            .tag("outcome", "acquired")
                            .timer()
                            .count())
                    .isEqualTo(2);
            assertThat(meters.get("holdfast.lock.hold")
                            .tag("lock", "jobs")
                            .tag("outcome", "released")
                            .timer()
                            .count())
                    .isEqualTo(2);
        });
    }

    @Test
    void busyAndLostAreCounted() {
        runner.run(context -> {
            MeterRegistry meters = context.getBean(MeterRegistry.class);
            LockRegistry registry = context.getBean(LockRegistry.class);
            registry.lock("user-4711").acquire();
            assertThat(registry.lock("user-4711").tryAcquire()).isEmpty();
            assertThat(meters.get("holdfast.lock.wait")
                            .tag("lock", "other")
                            .tag("outcome", "busy")
                            .timer()
                            .count())
                    .isEqualTo(1);
            registry.close();
            await().untilAsserted(() -> assertThat(meters.get("holdfast.lock.lost")
                            .tag("lock", "other")
                            .tag("reason", "closed")
                            .counter()
                            .count())
                    .isEqualTo(1));
            assertThat(meters.get("holdfast.lock.hold")
                            .tag("outcome", "lost")
                            .timer()
                            .count())
                    .isEqualTo(1);
        });
    }

    @Test
    void gaugesFollowTheRegistry() {
        runner.run(context -> {
            MeterRegistry meters = context.getBean(MeterRegistry.class);
            assertThat(meters.get("holdfast.session.remaining").gauge().value()).isNaN();
            LockHandle handle = context.getBean(LockRegistry.class).lock("x").acquire();
            assertThat(meters.get("holdfast.locks.held").gauge().value()).isEqualTo(1);
            assertThat(meters.get("holdfast.locks.waiting").gauge().value()).isZero();
            assertThat(meters.get("holdfast.session.remaining").gauge().value()).isBetween(10.0, 30.0);
            handle.release();
            assertThat(meters.get("holdfast.locks.held").gauge().value()).isZero();
        });
    }

    /** Whatever ends a request or a hold, it is counted once, and the gauges find back to zero. */
    @Test
    void gaugesAndTimersSurviveTimeoutsInterruptsAndCancellations() {
        runner.run(context -> {
            MeterRegistry meters = context.getBean(MeterRegistry.class);
            LockRegistry registry = context.getBean(LockRegistry.class);
            AtomicInteger requests = new AtomicInteger();
            List<Thread> threads = IntStream.range(0, 6)
                    .mapToObj(seed -> new Thread(() -> misuse(registry, meters, new Random(seed), requests)))
                    .toList();
            List<Throwable> failures = new CopyOnWriteArrayList<>();
            threads.forEach(thread -> thread.setUncaughtExceptionHandler((which, failure) -> failures.add(failure)));
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            await().untilAsserted(() -> {
                assertThat(gauge(meters, "holdfast.locks.held")).isZero();
                assertThat(gauge(meters, "holdfast.locks.waiting")).isZero();
                assertThat(meters.find("holdfast.lock.wait").timers().stream()
                                .mapToLong(Timer::count)
                                .sum())
                        .isEqualTo(requests.get());
            });
            assertThat(failures).isEmpty();
        });
    }

    private static void misuse(LockRegistry registry, MeterRegistry meters, Random random, AtomicInteger requests) {
        for (int i = 0; i < 300; i++) {
            LeaseLock lock = registry.lock("seat-" + random.nextInt(2));
            requests.incrementAndGet();
            try {
                switch (random.nextInt(4)) {
                    case 0 -> lock.tryAcquire().ifPresent(LockHandle::release);
                    case 1 ->
                        lock.tryAcquire(Duration.ofMillis(1 + random.nextInt(3)))
                                .ifPresent(LockHandle::releaseAsync);
                    case 2 -> {
                        CompletableFuture<Optional<LockHandle>> asked = lock.tryAcquireAsync(Duration.ofMillis(20));
                        asked.thenAccept(handle -> handle.ifPresent(LockHandle::releaseAsync));
                        if (random.nextBoolean()) {
                            asked.cancel(true);
                        }
                    }
                    default -> {
                        Thread waiting = Thread.currentThread();
                        CompletableFuture.runAsync(waiting::interrupt);
                        lock.tryAcquire(Duration.ofMillis(5)).ifPresent(LockHandle::release);
                    }
                }
            } catch (LockUnavailableException tooShortForAnAnswer) {
                // counted as such
            } catch (InterruptedException expected) {
                if (String.valueOf(expected.getMessage()).startsWith("Interrupted before")) {
                    requests.decrementAndGet();
                }
            }
            Thread.interrupted();
            assertThat(gauge(meters, "holdfast.locks.held")).isNotNegative();
            assertThat(gauge(meters, "holdfast.locks.waiting")).isNotNegative();
        }
    }

    private static double gauge(MeterRegistry meters, String name) {
        return meters.get(name).gauge().value();
    }

    @Test
    void batchesAreCountedFromTheFirstRequestOn() {
        runner.run(context -> {
            context.getBean(LockRegistry.class).lock("x").acquire().release();
            DistributionSummary batches = context.getBean(MeterRegistry.class)
                    .get("holdfast.etcd.batch.size")
                    .summary();
            assertThat(batches.count()).isGreaterThanOrEqualTo(2);
            assertThat(batches.max()).isEqualTo(1);
        });
    }

    @Test
    void everyMeterHasADescription() {
        runner.run(context -> {
            context.getBean(Jobs.class).run(1);
            assertThat(context.getBean(MeterRegistry.class).getMeters())
                    .filteredOn(meter -> meter.getId().getName().startsWith("holdfast."))
                    .hasSizeGreaterThan(8)
                    .allSatisfy(meter -> assertThat(meter.getId().getDescription())
                            .as(meter.getId().toString())
                            .isNotBlank());
        });
    }

    @Test
    void whatAlertsLookAtIsThereBeforeItHappens() {
        runner.run(context -> {
            context.getBean(Jobs.class).run(1);
            assertThat(context.getBean(MeterRegistry.class)
                            .get("holdfast.lock.lost")
                            .tag("lock", "jobs")
                            .counters())
                    .hasSize(LockLoss.Reason.values().length)
                    .allSatisfy(counter -> assertThat(counter.count()).isZero());
            assertThat(context.getBean(MeterRegistry.class)
                            .get("holdfast.lock.wait")
                            .tag("lock", "jobs")
                            .tag("outcome", "unavailable")
                            .timer()
                            .count())
                    .isZero();
        });
    }

    @Test
    void namesMadeOfIdsCannotFillTheMetrics(CapturedOutput output) {
        MeterRegistry meters = new SimpleMeterRegistry();
        LockMeters listener = new LockMeters(() -> meters);
        for (int i = 0; i < 700; i++) {
            listener.notAcquired(
                    "user-" + i,
                    LockOptions.defaults().withMetricName("user-" + i),
                    LockListener.WaitOutcome.BUSY,
                    Duration.ZERO);
        }
        assertThat(meters.find("holdfast.lock.wait").tag("outcome", "busy").timers())
                .hasSizeLessThanOrEqualTo(502);
        assertThat(meters.get("holdfast.lock.wait")
                        .tag("outcome", "busy")
                        .tag("lock", "other")
                        .timer()
                        .count())
                .isGreaterThanOrEqualTo(198);
        assertThat(output.getAll().split("further ones are counted as 'other'", -1))
                .hasSize(2);
    }

    @Test
    void severalRegistriesAreToldApartByTags() {
        MeterRegistry meters = new SimpleMeterRegistry();
        LockMeters listener = new LockMeters(() -> meters, Tags.of("registry", "reports"));
        listener.waiting("x", LockOptions.defaults());
        listener.notAcquired("x", LockOptions.defaults(), LockListener.WaitOutcome.BUSY, Duration.ZERO);
        listener.renewal(
                new RegistryStatus.Session(
                        "1f", Duration.ofSeconds(30), RegistryStatus.State.ACTIVE, Duration.ofSeconds(20)),
                true,
                Duration.ofMillis(3));
        new LockGauges(Mockito.mock(LockRegistry.class), Tags.of("registry", "reports")).bindTo(meters);
        assertThat(meters.getMeters())
                .hasSizeGreaterThan(6)
                .allSatisfy(
                        meter -> assertThat(meter.getId().getTag("registry")).isEqualTo("reports"));
    }

    @Test
    void renewalsAreTimedByOutcome() {
        MeterRegistry meters = new SimpleMeterRegistry();
        LockMeters listener = new LockMeters(() -> meters);
        RegistryStatus.Session session = new RegistryStatus.Session(
                "1f", Duration.ofSeconds(30), RegistryStatus.State.ACTIVE, Duration.ofSeconds(20));
        listener.renewal(session, true, Duration.ofMillis(3));
        listener.renewal(session, false, Duration.ofMillis(900));
        assertThat(meters.get("holdfast.session.renewal")
                        .tag("outcome", "success")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(meters.get("holdfast.session.renewal")
                        .tag("outcome", "failure")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void withoutAMeterRegistryThereAreNoMeters() {
        bare.run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(LockMeters.class));
    }

    @Test
    void withoutMicrometerThereAreNoMeters() {
        bare.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("holdfastLockMeters"));
    }

    public static class Jobs {

        @DistributedLock(name = "jobs", key = "#id")
        public void run(int id) {}
    }
}
