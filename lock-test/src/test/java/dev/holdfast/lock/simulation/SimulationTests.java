package dev.holdfast.lock.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The promises in many simulated worlds. A seed that breaks one is run again, alone and with its history printed, by {@code ./dev soak
 * --seed N}.
 */
class SimulationTests {

    private static final int SEEDS = 20_000;

    private static QuietLogs logs;

    @BeforeAll
    static void quiet() {
        logs = QuietLogs.begin();
    }

    @AfterAll
    static void loud() {
        logs.end();
    }

    @Test
    void twentyThousandWorldsKeepThePromises() throws Exception {
        Seeds seeds = new Seeds(Simulation::run, Path.of("target", "simulation"));
        seeds.run(1, SEEDS, Duration.ofMinutes(10));
        assertThat(seeds.failures())
                .as(
                        "of %d worlds with %d events %s broke promises, by kind %s",
                        seeds.count(), seeds.events(), seeds.failed(), seeds.broken())
                .isEmpty();
        assertThat(seeds.count()).isEqualTo(SEEDS);
    }

    /** What a seed shows can be looked into only if it shows the same again. */
    @ParameterizedTest
    @ValueSource(longs = {3, 14, 15, 92, 65, 35, 89, 79})
    void aSeedRepeatsItself(long seed) {
        assertThat(Simulation.run(seed).text()).isEqualTo(Simulation.run(seed).text());
    }
}
