package dev.holdfast.lock.spring.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.spring.autoconfigure.HoldfastAutoConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** Candidates of one election in a running application, on the engine. */
@Timeout(60)
class LeaderCandidateMemoryTests {

    private static final Duration LONG = Duration.ofSeconds(20);

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
        void revoked(LeaderRevokedEvent event) {
            events.add("revoked " + event.value());
        }
    }
}
