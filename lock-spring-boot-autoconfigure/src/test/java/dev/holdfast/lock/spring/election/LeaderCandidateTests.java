package dev.holdfast.lock.spring.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.Mockito.when;

import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.spring.FakeElection;
import dev.holdfast.lock.spring.FakeLockRegistry;
import dev.holdfast.lock.spring.autoconfigure.HoldfastAutoConfiguration;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

class LeaderCandidateTests {

    private final FakeLockRegistry registry = new FakeLockRegistry();

    @Test
    void standsFromStartToStopAndLeavesBeforeTheLocksEnd() {
        run(builder -> builder, candidate -> {
            assertThat(candidate.isRunning()).isTrue();
            assertThat(registry.log).containsExactly("stand reports host-1");
            election().elect();
        });
        assertThat(registry.log)
                .startsWith(
                        "stand reports host-1",
                        "elected reports host-1 1 leads: true",
                        "revoked reports host-1 1 leads: false",
                        "leave reports",
                        "stopAccepting",
                        "close");
    }

    @Test
    void stopsWhenSchedulersAndWebServerHaveDrained() {
        int webServerStop = SmartLifecycle.DEFAULT_PHASE - 2048;
        assertThat(candidate(builder -> builder).getPhase())
                .isLessThan(new ThreadPoolTaskScheduler().getPhase())
                .isLessThan(webServerStop);
    }

    @Test
    void leadsFromItsElectionToItsRevocation() {
        run(builder -> builder, candidate -> {
            assertThat(candidate.isLeader()).isFalse();
            assertThat(candidate.leadership()).isEmpty();
            Leadership first = election().elect();
            assertThat(candidate.isLeader()).isTrue();
            assertThat(candidate.leadership()).containsSame(first);
            election().revoke(first);
            assertThat(candidate.isLeader()).isFalse();
            Leadership second = election().elect();
            assertThat(candidate.leadership()).containsSame(second);
        });
        assertThat(registry.log)
                .containsSubsequence(
                        "elected reports host-1 1 leads: true",
                        "revoked reports host-1 1 leads: false",
                        "elected reports host-1 2 leads: true");
    }

    @Test
    void aLeadershipThatIsNotHeldIsNotShownEvenBeforeItsRevocation() {
        run(builder -> builder, candidate -> {
            Leadership leadership = election().elect();
            when(leadership.isHeld()).thenReturn(false);
            assertThat(candidate.isLeader()).isFalse();
            assertThat(candidate.leadership()).isEmpty();
        });
    }

    @Test
    void aLateRevocationDoesNotEndTheNextLeadership() {
        run(builder -> builder, candidate -> {
            Leadership first = election().elect();
            Leadership second = election().elect();
            election().revoke(first);
            assertThat(candidate.leadership()).containsSame(second);
        });
    }

    @Test
    void withoutAutoStartupItStandsWhenStartedAndCanStandAgain() {
        run(builder -> builder.autoStartup(false), candidate -> {
            assertThat(candidate.isRunning()).isFalse();
            assertThat(registry.log).isEmpty();
            candidate.start();
            candidate.start();
            candidate.stop();
            candidate.stop();
            assertThat(candidate.isRunning()).isFalse();
            candidate.start();
            assertThat(registry.log).containsExactly("stand reports host-1", "leave reports", "stand reports host-1");
        });
    }

    @Test
    void optionsReachTheElection() {
        LockOptions options = LockOptions.defaults().withTtl(Duration.ofSeconds(7));
        candidate(builder -> builder.options(options));
        assertThat(registry.optionsByName).containsEntry("reports", options);
        candidate(builder -> builder);
        assertThat(registry.optionsByName).containsEntry("reports", registry.defaults());
    }

    @Test
    void whoIsNoBeanDoesNotStand() {
        assertThatIllegalStateException()
                .isThrownBy(() -> candidate(builder -> builder).start())
                .withMessageContaining("reports");
        assertThat(registry.log).isEmpty();
    }

    private interface Check {

        void accept(LeaderCandidate candidate);
    }

    /** Starts an application, checks and stops it. */
    private void run(UnaryOperator<LeaderCandidate.Builder> settings, Check check) {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class))
                .withBean(FakeLockRegistry.class, () -> registry)
                .withBean(LeaderCandidate.class, () -> candidate(settings))
                .withBean(Listener.class)
                .run(context -> check.accept(context.getBean(LeaderCandidate.class)));
    }

    private LeaderCandidate candidate(UnaryOperator<LeaderCandidate.Builder> settings) {
        return settings.apply(LeaderCandidate.builder(registry, "reports", "host-1"))
                .build();
    }

    private FakeElection election() {
        return Objects.requireNonNull(registry.elections.get("reports"));
    }

    static class Listener {

        private final FakeLockRegistry registry;
        private final LeaderCandidate candidate;

        Listener(FakeLockRegistry registry, LeaderCandidate candidate) {
            this.registry = registry;
            this.candidate = candidate;
        }

        @EventListener
        void elected(LeaderElectedEvent event) {
            log("elected", event.name(), event.value(), event.term());
        }

        @EventListener
        void revoked(LeaderRevokedEvent event) {
            log("revoked", event.name(), event.value(), event.term());
        }

        private void log(String what, String name, String value, long term) {
            registry.log.add(what + " " + name + " " + value + " " + term + " leads: " + candidate.isLeader());
        }
    }
}
