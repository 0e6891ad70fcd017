package dev.holdfast.lock.benchmarks.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LatenciesTests {

    @Test
    void travelsAsText() {
        Latencies latencies = new Latencies();
        for (int micros = 1; micros <= 1_000; micros++) {
            latencies.record(micros * 1_000L);
        }
        Latencies arrived = Latencies.decoded(latencies.encoded());
        assertThat(arrived.count()).isEqualTo(1_000);
        assertThat(arrived.percentileMicros(50)).isCloseTo(500, within(10.0));
        assertThat(arrived.percentileMicros(99)).isCloseTo(990, within(20.0));
    }

    @Test
    void noneIsEmpty() {
        assertThat(Latencies.decoded(new Latencies().encoded()).count()).isZero();
    }
}
