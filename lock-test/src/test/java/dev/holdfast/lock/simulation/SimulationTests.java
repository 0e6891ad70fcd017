package dev.holdfast.lock.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.engine.Weaving;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The promises in many simulated worlds. A seed that breaks one is run again, alone and with its history printed, by {@code ./dev soak
 * --seed N}.
 */
@ExtendWith(QuietLogs.class)
class SimulationTests {

    private static final int SEEDS = 20_000;

    @Test
    void twentyThousandWorldsKeepThePromises() throws Exception {
        assertKept(new Seeds(Simulation::run, Path.of("target", "simulation")), SEEDS);
    }

    /** Actors that hear of each other late, as on many threads. */
    @Test
    void soDoWorldsWhoseThreadsAreKeptWaiting() throws Exception {
        assertKept(
                new Seeds(WovenLoader.simulation(Weaving.PREEMPTION), Path.of("target", "simulation-preempted")),
                SEEDS / 4);
    }

    private static void assertKept(Seeds seeds, int count) throws InterruptedException {
        seeds.run(1, count, Duration.ofMinutes(10));
        assertThat(seeds.failures())
                .as(
                        "of %d worlds with %d events %s broke promises, by kind %s",
                        seeds.count(), seeds.events(), seeds.failed(), seeds.broken())
                .isEmpty();
        assertThat(seeds.count()).isEqualTo(count);
    }

    /** What a seed shows can be looked into only if it shows the same again. */
    @ParameterizedTest
    @ValueSource(longs = {3, 14, 15, 92, 65, 35, 89, 79})
    void aSeedRepeatsItself(long seed) throws Exception {
        LongFunction<Verdict> preempted = WovenLoader.simulation(Weaving.PREEMPTION);

        assertThat(text(Simulation::run, seed)).isEqualTo(text(Simulation::run, seed));
        assertThat(text(preempted, seed)).isEqualTo(text(preempted, seed)).isNotEqualTo(text(Simulation::run, seed));
    }

    private static String text(LongFunction<Verdict> simulation, long seed) {
        return simulation.apply(seed).text().get();
    }
}
