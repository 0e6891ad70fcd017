package dev.holdfast.lock.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.DistributedLock;
import dev.holdfast.lock.spring.metrics.LockMeters;
import dev.holdfast.lock.spring.observation.LockHoldContext;
import dev.holdfast.lock.spring.observation.LockObservationContext;
import dev.holdfast.lock.spring.observation.LockObservations;
import dev.holdfast.lock.spring.observation.LockWaitContext;
import dev.holdfast.lock.spring.observation.LockWaitObservationConvention;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.test.simple.SimpleSpan;
import io.micrometer.tracing.test.simple.SimpleTracer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What tracing and metrics get of a wait and a hold, however the lock was taken. */
class HoldfastObservationAutoConfigurationTests {

    private final ApplicationContextRunner bare = new ApplicationContextRunner()
            .withPropertyValues("holdfast.store=memory", "holdfast.shutdown-timeout=0s")
            .withUserConfiguration(Jobs.class)
            .withConfiguration(AutoConfigurations.of(
                    HoldfastAutoConfiguration.class,
                    HoldfastMetricsAutoConfiguration.class,
                    HoldfastObservationAutoConfiguration.class));

    /** As an application with Actuator has it. */
    private final ApplicationContextRunner metricsOnly = bare.withConfiguration(AutoConfigurations.of(
            ObservationAutoConfiguration.class,
            MetricsAutoConfiguration.class,
            CompositeMeterRegistryAutoConfiguration.class,
            SimpleMetricsExportAutoConfiguration.class));

    private final ApplicationContextRunner runner = metricsOnly.withUserConfiguration(Ended.class);

    @Test
    void anAnnotatedCallIsOneWaitAndOneHold() {
        runner.run(context -> {
            context.getBean(Jobs.class).run(4711);
            List<LockObservationContext> ended = context.getBean(Ended.class).locks();
            assertThat(ended)
                    .extracting(Observation.Context::getName)
                    .containsExactly("holdfast.lock.wait", "holdfast.lock.hold");
            assertThat(ended.get(0).getLowCardinalityKeyValues())
                    .isEqualTo(KeyValues.of("lock", "jobs", "outcome", "acquired"));
            assertThat(ended.get(1).getLowCardinalityKeyValues())
                    .isEqualTo(KeyValues.of("lock", "jobs", "outcome", "released"));
            assertThat(ended)
                    .allSatisfy(lock -> assertThat(lock.getHighCardinalityKeyValues())
                            .isEqualTo(KeyValues.of("name", "jobs:4711")));
            assertThat(ended)
                    .extracting(Observation.Context::getContextualName)
                    .containsExactly("wait for jobs", "hold jobs");
        });
    }

    @Test
    void waitAndHoldAreChildrenOfTheCallerAndTheBodyIsAChildOfTheHold() {
        runner.run(context -> {
            ObservationRegistry observations = context.getBean(ObservationRegistry.class);
            Observation request = Observation.createNotStarted("request", observations);
            request.observe(() -> context.getBean(Jobs.class).outer());
            List<LockObservationContext> ended = context.getBean(Ended.class).locks();
            assertThat(ended).hasSize(4);
            LockHoldContext outer = hold(ended, "outer");
            LockHoldContext inner = hold(ended, "jobs:1");
            assertThat(parent(outer)).isEqualTo("request");
            assertThat(parentContext(inner)).as("a lock taken in the body").isSameAs(outer);
            assertThat(parentContext(context.getBean(Ended.class).named("body")))
                    .isSameAs(inner);
            assertThat(observations.getCurrentObservation()).isNull();
        });
    }

    @Test
    void enteringAgainStaysInTheScopeOfTheCall() {
        runner.run(context -> {
            context.getBean(Jobs.class).again();
            assertThat(parent(context.getBean(Ended.class).named("body"))).isEqualTo("between");
            assertThat(context.getBean(Ended.class).locks()).hasSize(2);
        });
    }

    @Test
    void aLockTakenAsynchronouslyBelongsToWhoeverAskedForIt() {
        runner.run(context -> {
            ObservationRegistry observations = context.getBean(ObservationRegistry.class);
            LockRegistry registry = context.getBean(LockRegistry.class);
            LockHandle before = registry.lock("seat").acquire();
            Observation request = Observation.createNotStarted("request", observations);
            CompletableFuture<Optional<LockHandle>> asked =
                    request.observe(() -> registry.lock("seat").tryAcquireAsync(Duration.ofSeconds(20)));
            before.release();
            LockHandle handle = Objects.requireNonNull(asked).join().orElseThrow();
            assertThat(observations.getCurrentObservation())
                    .as("no scope stays open")
                    .isNull();
            handle.releaseAsync().join();
            Ended ended = context.getBean(Ended.class);
            await().until(() -> ended.locks().size() == 4);
            assertThat(ended.locks())
                    .filteredOn(lock -> "request".equals(parent(lock)))
                    .extracting(Observation.Context::getName)
                    .containsExactly("holdfast.lock.wait", "holdfast.lock.hold");
        });
    }

    @Test
    void aSubscriptionBelongsToTheObservationInItsContextAndItsBodyToTheHold() {
        runner.run(context -> {
            ObservationRegistry observations = context.getBean(ObservationRegistry.class);
            Observation request = Observation.start("request", observations);
            Mono<String> locked = context.getBean(Jobs.class).mono();
            Observation.createNotStarted("of the thread only", observations)
                    .observe(() -> locked.contextWrite(reactor -> reactor.put("micrometer.observation", request))
                            .block());
            Ended ended = context.getBean(Ended.class);
            await().until(() -> ended.locks().size() == 4);
            LockHoldContext outer = hold(ended.locks(), "mono");
            assertThat(ended.locks())
                    .filteredOn(lock -> lock.lockName().equals("mono"))
                    .hasSize(2)
                    .allSatisfy(lock -> assertThat(parent(lock)).isEqualTo("request"));
            assertThat(ended.locks())
                    .as("a lock taken in the body")
                    .filteredOn(lock -> lock.lockName().equals("flux"))
                    .hasSize(2)
                    .allSatisfy(lock -> assertThat(parentContext(lock)).isSameAs(outer));
            assertThat(parentContext(ended.named("body"))).isSameAs(hold(ended.locks(), "flux"));
            assertThat(observations.getCurrentObservation()).isNull();
        });
    }

    @Test
    void operatorsSeeTheHoldOnTheirThreadWhenReactorPassesTheContextOn() {
        Hooks.enableAutomaticContextPropagation();
        try {
            runner.run(context -> assertThat(
                            context.getBean(Jobs.class).seenOnThread().block())
                    .isEqualTo("holdfast.lock.hold"));
        } finally {
            Hooks.disableAutomaticContextPropagation();
        }
    }

    @Test
    void withoutAnObservationInItsContextASubscriptionBelongsToThatOfItsThread() {
        runner.run(context -> {
            Mono<String> locked = context.getBean(Jobs.class).mono();
            Observation.createNotStarted("request", context.getBean(ObservationRegistry.class))
                    .observe(() -> locked.block());
            Ended ended = context.getBean(Ended.class);
            await().until(() -> ended.locks().size() == 4);
            assertThat(ended.locks())
                    .filteredOn(lock -> lock.lockName().equals("mono"))
                    .hasSize(2)
                    .allSatisfy(lock -> assertThat(parent(lock)).isEqualTo("request"));
        });
    }

    @Test
    void aBusyLockIsNoErrorAndALostOneIs() {
        runner.run(context -> {
            LockRegistry registry = context.getBean(LockRegistry.class);
            registry.lock("seat").acquire();
            assertThat(registry.lock("seat").tryAcquire()).isEmpty();
            Ended ended = context.getBean(Ended.class);
            LockObservationContext busy = ended.locks().get(1);
            assertThat(busy).isInstanceOf(LockWaitContext.class);
            assertThat(busy.outcome()).isEqualTo("busy");
            assertThat(busy.getError()).isNull();
            registry.close();
            await().until(() -> ended.locks().size() == 3);
            LockObservationContext lost = ended.locks().get(2);
            assertThat(lost.outcome()).isEqualTo("lost");
            assertThat(lost.getError()).isInstanceOf(LockLostException.class);
        });
    }

    @Test
    void metersCountEachWaitAndHoldOnceWithTheirTagsOnly() {
        runner.run(context -> {
            context.getBean(Jobs.class).run(1);
            context.getBean(LockRegistry.class).lock("seat").acquire().release();
            assertMeters(context.getBean(MeterRegistry.class));
            assertThat(context.getBean(Ended.class).locks()).hasSize(4);
        });
    }

    @Test
    void metersAreTheSameWithoutObservationsOfLocks() {
        runner.withPropertyValues("management.observations.enable.holdfast=false")
                .run(context -> {
                    context.getBean(Jobs.class).run(1);
                    context.getBean(LockRegistry.class).lock("seat").acquire().release();
                    assertMeters(context.getBean(MeterRegistry.class));
                    assertThat(context.getBean(Ended.class).locks()).isEmpty();
                });
    }

    @Test
    void otherObservationsStillBecomeTimers() {
        runner.run(context -> {
            Observation.createNotStarted("request", context.getBean(ObservationRegistry.class))
                    .observe(() -> {});
            assertThat(context.getBean(MeterRegistry.class)
                            .get("request")
                            .timer()
                            .count())
                    .isEqualTo(1);
        });
    }

    @Test
    void namesMadeOfIdsCannotFillTheKey() {
        Ended ended = new Ended();
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(ended);
        LockObservations listener = new LockObservations(observations);
        for (int i = 0; i < 700; i++) {
            LockOptions options = LockOptions.defaults().withMetricName("user-" + i);
            LockListener.RequestListener request = Objects.requireNonNull(listener.follow("user-" + i, options));
            request.notAcquired(LockListener.WaitOutcome.BUSY, null);
        }
        assertThat(ended.locks()).hasSize(700);
        assertThat(ended.locks().stream()
                        .map(LockObservationContext::getLowCardinalityKeyValues)
                        .distinct())
                .hasSize(501)
                .contains(KeyValues.of("lock", "other", "outcome", "busy"));
    }

    @Test
    void aConventionOfTheApplicationReplacesOurs() {
        runner.withUserConfiguration(Team.class).run(context -> {
            context.getBean(Jobs.class).run(1);
            List<LockObservationContext> ended = context.getBean(Ended.class).locks();
            assertThat(ended.get(0).getLowCardinalityKeyValues())
                    .isEqualTo(KeyValues.of("lock", "jobs", "outcome", "acquired", "team", "ledger"));
            assertThat(ended.get(1).getLowCardinalityKeyValues())
                    .isEqualTo(KeyValues.of("lock", "jobs", "outcome", "released"));
        });
    }

    @Test
    void tracesHaveSpansForWaitAndHoldWithTheBodyInside() {
        SimpleTracer tracer = new SimpleTracer();
        bare.withBean(ObservationRegistry.class, () -> {
                    ObservationRegistry observations = ObservationRegistry.create();
                    observations.observationConfig().observationHandler(new DefaultTracingObservationHandler(tracer));
                    return observations;
                })
                .run(context -> {
                    Observation.createNotStarted("request", context.getBean(ObservationRegistry.class))
                            .observe(() -> context.getBean(Jobs.class).run(7));
                    Span request = span(tracer, "request");
                    SimpleSpan wait = span(tracer, "wait for jobs");
                    SimpleSpan hold = span(tracer, "hold jobs");
                    SimpleSpan body = span(tracer, "body");
                    assertThat(tracer.getSpans()).hasSize(4);
                    assertThat(wait.context().parentId())
                            .isEqualTo(request.context().spanId());
                    assertThat(hold.context().parentId())
                            .isEqualTo(request.context().spanId());
                    assertThat(body.context().parentId())
                            .isEqualTo(hold.context().spanId());
                    assertThat(hold.getTags()).containsEntry("name", "jobs:7").containsEntry("outcome", "released");
                    assertThat(tracer.currentSpan()).isNull();
                });
    }

    @Test
    void withoutAnObservationRegistryNothingIsObserved() {
        bare.run(context -> {
            context.getBean(Jobs.class).run(1);
            assertThat(context).hasNotFailed().doesNotHaveBean(LockObservations.class);
        });
        bare.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
                .withBean(ObservationRegistry.class, ObservationRegistry::create)
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(LockObservations.class)
                        .doesNotHaveBean(LockMeters.class));
    }

    @Test
    void withARegistryThatObservesNothingRequestsAreNotFollowed() {
        bare.withBean(ObservationRegistry.class, ObservationRegistry::create).run(context -> {
            LockObservations observations = context.getBean(LockObservations.class);
            LockRegistry registry = context.getBean(LockRegistry.class);
            assertThat(observations.follow("seat", registry.defaults())).isNull();
            context.getBean(Jobs.class).run(1);
        });
    }

    private static void assertMeters(MeterRegistry meters) {
        for (String lock : List.of("jobs", "other")) {
            assertThat(meters.get("holdfast.lock.wait")
                            .tags("lock", lock, "outcome", "acquired")
                            .timer()
                            .count())
                    .isEqualTo(1);
            assertThat(meters.get("holdfast.lock.wait")
                            .tags("lock", lock, "outcome", "unavailable")
                            .timer()
                            .count())
                    .isZero();
            assertThat(meters.get("holdfast.lock.hold")
                            .tags("lock", lock, "outcome", "released")
                            .timer()
                            .count())
                    .isEqualTo(1);
        }
        List<Meter> all = meters.getMeters().stream()
                .filter(meter -> meter.getId().getName().matches("holdfast\\.lock\\.(wait|hold).*"))
                .toList();
        assertThat(all).hasSize(6);
        assertThat(all)
                .allSatisfy(meter -> assertThat(meter.getId().getTags())
                        .extracting(Tag::getKey)
                        .containsExactly("lock", "outcome"));
    }

    private static LockHoldContext hold(List<LockObservationContext> ended, String name) {
        return ended.stream()
                .filter(LockHoldContext.class::isInstance)
                .map(LockHoldContext.class::cast)
                .filter(hold -> hold.lockName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Observation.ContextView parentContext(Observation.Context context) {
        return Objects.requireNonNull(context.getParentObservation()).getContextView();
    }

    private static String parent(Observation.Context context) {
        return context.getParentObservation() == null
                ? "none"
                : String.valueOf(parentContext(context).getName());
    }

    private static SimpleSpan span(SimpleTracer tracer, String name) {
        return tracer.getSpans().stream()
                .filter(span -> name.equals(span.getName()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no span '" + name + "' in " + tracer.getSpans()));
    }

    /** What was observed, in the order in which it ended. */
    static class Ended implements ObservationHandler<Observation.Context> {

        private final List<Observation.Context> contexts = new CopyOnWriteArrayList<>();

        @Override
        public void onStop(Observation.Context context) {
            contexts.add(context);
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }

        List<LockObservationContext> locks() {
            return contexts.stream()
                    .filter(LockObservationContext.class::isInstance)
                    .map(LockObservationContext.class::cast)
                    .toList();
        }

        Observation.Context named(String name) {
            return contexts.stream()
                    .filter(context -> name.equals(context.getName()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Team {

        @Bean
        LockWaitObservationConvention team() {
            return new LockWaitObservationConvention() {
                @Override
                public KeyValues getLowCardinalityKeyValues(LockWaitContext context) {
                    return LockWaitObservationConvention.super
                            .getLowCardinalityKeyValues(context)
                            .and("team", "ledger");
                }
            };
        }
    }

    public static class Jobs {

        private final ObjectProvider<Jobs> self;
        private final ObjectProvider<ObservationRegistry> observations;

        public Jobs(ObjectProvider<Jobs> self, ObjectProvider<ObservationRegistry> observations) {
            this.self = self;
            this.observations = observations;
        }

        @DistributedLock(name = "jobs", key = "#id")
        public void run(int id) {
            observed("body").observe(() -> {});
        }

        @DistributedLock(name = "outer")
        public void outer() {
            self.getObject().run(1);
        }

        @DistributedLock(name = "jobs", key = "1")
        public void again() {
            observed("between").observe(() -> self.getObject().run(1));
        }

        @DistributedLock(name = "mono")
        public Mono<String> mono() {
            return Mono.defer(() -> self.getObject().flux().last()).subscribeOn(Schedulers.parallel());
        }

        @DistributedLock(name = "mono")
        public Mono<String> seenOnThread() {
            return Mono.just(observations.getObject())
                    .publishOn(Schedulers.parallel())
                    .map(registry -> Objects.requireNonNull(registry.getCurrentObservation())
                            .getContextView()
                            .getName());
        }

        /** Looks for its parent as Reactor's and Spring's own observations do. */
        @DistributedLock(name = "flux")
        public Flux<String> flux() {
            return Flux.deferContextual(reactor -> {
                observed("body")
                        .parentObservation(reactor.<Observation>get("micrometer.observation"))
                        .observe(() -> {});
                return Flux.just("done");
            });
        }

        private Observation observed(String name) {
            return Observation.createNotStarted(name, observations.getIfAvailable(() -> ObservationRegistry.NOOP));
        }
    }
}
