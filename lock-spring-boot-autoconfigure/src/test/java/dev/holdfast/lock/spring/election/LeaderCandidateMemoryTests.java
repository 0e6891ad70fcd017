package dev.holdfast.lock.spring.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.memory.MemoryLockRegistry;
import dev.holdfast.lock.spring.autoconfigure.HoldfastAutoConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;

/** Candidates of one election in a running application, on the engine. */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class LeaderCandidateMemoryTests {

    private static final Duration LONG = Duration.ofSeconds(20);

    /** Logged when a candidate that was closed is still there at the end of the timeout. */
    private static final String GIVEN_UP = "is not gone yet";

    private final List<String> events = new CopyOnWriteArrayList<>();

    @Test
    void leadershipGoesFromOneToTheNextAndTheFormerIsToldFirst() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class))
                .withPropertyValues("holdfast.store=memory")
                .withUserConfiguration(Candidates.class)
                .withBean(Events.class, () -> new Events(events))
                .run(context -> {
                    LeaderCandidate first = context.getBean("first", LeaderCandidate.class);
                    LeaderCandidate second = context.getBean("second", LeaderCandidate.class);
                    first.start();
                    await().atMost(LONG).until(first::isLeader);
                    second.start();
                    assertThat(second.isLeader()).isFalse();

                    first.stop();
                    await().atMost(LONG).until(second::isLeader);
                    assertThat(first.isLeader()).isFalse();

                    first.start();
                    second.leadership().orElseThrow().release();
                    await().atMost(LONG).until(first::isLeader);
                    assertThat(first.leadership().orElseThrow().value()).isEqualTo("host-1");
                    second.stop();
                });
        assertThat(events)
                .containsExactly(
                        "elected host-1",
                        "revoked host-1",
                        "elected host-2",
                        "revoked host-2",
                        "elected host-1",
                        "revoked host-1");
    }

    @Test
    void aListenerOfTheRevocationMayStopTheCandidate(CapturedOutput output) {
        run(LeaderCandidate::stop, candidate -> {
            candidate.stop();
            events.add("stopped");
        });
        assertThat(events).containsExactly("elected host-1", "revoked host-1", "told", "stopped");
        assertThat(output).doesNotContain(GIVEN_UP);
    }

    @Test
    void aListenerOfTheRevocationMayStopTheCandidateWhileTheApplicationStops(CapturedOutput output) {
        run(LeaderCandidate::stop, candidate -> {});
        assertThat(events).containsExactly("elected host-1", "revoked host-1", "told");
        assertThat(output).doesNotContain(GIVEN_UP);
    }

    @Test
    void aListenerOfTheRevocationMayStartTheCandidateAgain(CapturedOutput output) {
        run(LeaderCandidate::start, candidate -> {
            candidate.stop();
            events.add("stopped");
            await().atMost(LONG).until(candidate::isLeader);
        });
        assertThat(events).containsSubsequence("elected host-1", "revoked host-1", "told", "stopped");
        assertThat(output).doesNotContain(GIVEN_UP);
    }

    /** With one candidate, which leads, and a listener of its revocation that does something to it. */
    private void run(Consumer<LeaderCandidate> whenRevoked, Consumer<LeaderCandidate> test) {
        CompletableFuture<LeaderCandidate> only = new CompletableFuture<>();
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class))
                .withPropertyValues("holdfast.store=memory")
                .withUserConfiguration(OneCandidate.class)
                .withBean(Events.class, () -> new Events(events))
                .withBean(Reaction.class, () -> new Reaction(() -> whenRevoked.accept(only.join()), events))
                .run(context -> {
                    LeaderCandidate candidate = context.getBean(LeaderCandidate.class);
                    only.complete(candidate);
                    await().atMost(LONG).until(() -> events.contains("elected host-1"));
                    test.accept(candidate);
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class OneCandidate {

        /** Waits so long that only a candidate that waits for itself is not gone then. */
        @Bean
        LockRegistry registry() {
            return MemoryLockRegistry.builder().closeTimeout(LONG).build();
        }

        @Bean
        LeaderCandidate only(LockRegistry registry) {
            return LeaderCandidate.builder(registry, "reports", "host-1").build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Candidates {

        @Bean
        LeaderCandidate first(LockRegistry registry) {
            return LeaderCandidate.builder(registry, "reports", "host-1")
                    .autoStartup(false)
                    .build();
        }

        @Bean
        LeaderCandidate second(LockRegistry registry) {
            return LeaderCandidate.builder(registry, "reports", "host-2")
                    .autoStartup(false)
                    .build();
        }
    }

    static class Events {

        private final List<String> events;

        Events(List<String> events) {
            this.events = events;
        }

        @EventListener
        void elected(LeaderElectedEvent event) {
            events.add("elected " + event.value());
        }

        @EventListener
        @Order(0)
        void revoked(LeaderRevokedEvent event) {
            events.add("revoked " + event.value());
        }
    }

    /** What a listener does when it is told, on another thread, for which it waits; the first time only. */
    static class Reaction {

        private final Runnable whenRevoked;
        private final List<String> events;
        private final AtomicBoolean told = new AtomicBoolean();

        Reaction(Runnable whenRevoked, List<String> events) {
            this.whenRevoked = whenRevoked;
            this.events = events;
        }

        @EventListener
        @Order(1)
        void revoked(LeaderRevokedEvent event) {
            if (told.compareAndSet(false, true)) {
                CompletableFuture.runAsync(whenRevoked).join();
                events.add("told");
            }
        }
    }
}
