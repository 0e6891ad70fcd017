package dev.holdfast.lock.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StolenTimeTests {

    @Test
    void itIsThePartOfAllTimeThatTheHypervisorTook() {
        StolenTime before = StolenTime.parse("cpu  100 0 50 800 10 0 5 35 7 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n");
        StolenTime after = StolenTime.parse("cpu  150 0 70 820 10 0 5 45 9 0\n");

        assertThat(before).isEqualTo(new StolenTime(35, 1_000));
        assertThat(after.percentSince(before)).isEqualTo(10);
    }

    @Test
    void whereNothingIsToldNothingWasStolen() {
        StolenTime nothing = StolenTime.parse("");
        assertThat(nothing.percentSince(nothing)).isZero();
    }
}
