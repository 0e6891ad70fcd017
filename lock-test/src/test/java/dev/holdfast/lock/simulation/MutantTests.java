package dev.holdfast.lock.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.engine.Mutant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The simulation tells wrong engines from the right one, within a part of the seeds that the right one has to pass. */
@Tag("mutants")
@ExtendWith(QuietLogs.class)
class MutantTests {

    private static final Logger log = LoggerFactory.getLogger("mutants");

    private static final int SEEDS = 10_000;

    @ParameterizedTest
    @EnumSource
    @Execution(ExecutionMode.CONCURRENT)
    void isCaught(Mutant mutant) throws Exception {
        LongFunction<Verdict> simulation = WovenLoader.simulation(mutant.weaving());
        Map<String, Integer> broken = new TreeMap<>();
        int failed = 0;
        int seeds = 0;
        while (!broken.containsKey(mutant.promise().name()) && ++seeds <= SEEDS) {
            List<String> promises = simulation.apply(seeds).promises();
            promises.forEach(promise -> broken.merge(promise, 1, Integer::sum));
            failed += promises.isEmpty() ? 0 : 1;
        }
        log.info("{}: {} of the first {} seeds fail, {}", mutant, failed, seeds, broken);
        assertThat(broken).containsKey(mutant.promise().name());
    }
}
