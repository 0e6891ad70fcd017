package dev.holdfast.lock.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class FairnessTests {

    @Test
    void equalSharesAreOne() {
        assertThat(Fairness.jain(List.of(7L, 7L, 7L))).isEqualTo(1);
    }

    @Test
    void oneOfFourWithEverythingIsAQuarter() {
        assertThat(Fairness.jain(List.of(9L, 0L, 0L, 0L))).isEqualTo(0.25);
    }

    @Test
    void unequalSharesAreBetween() {
        assertThat(Fairness.jain(List.of(1L, 3L))).isCloseTo(0.8, within(1e-9));
    }

    @Test
    void nothingToShareIsNoNumber() {
        assertThat(Fairness.jain(List.of(0L, 0L))).isNaN();
    }
}
