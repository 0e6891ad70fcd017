package dev.holdfast.sample.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatisticsTests {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:01Z");

    @Test
    void consecutiveTokensOfOneLockTellWhoHandedItToWhom() {
        List<Picture.HandOvers> bars = Statistics.handOvers(
                List.of(
                        holding("x", "a", 1),
                        holding("x", "a", 2),
                        holding("x", "b", 5),
                        holding("x", "a", 9),
                        holding("y", "b", 3),
                        holding("y", "b", 4)),
                NOW);
        assertThat(bars).hasSize(30);
        assertThat(bars.get(29)).isEqualTo(new Picture.HandOvers(Instant.parse("2026-01-01T12:00:00Z"), 2, 2));
    }

    @Test
    void whatIsOlderThanAMinuteIsLeftOut() {
        List<Picture.HandOvers> bars = Statistics.handOvers(
                List.of(
                        holding("x", "a", 1),
                        new Holding("x", "b", 2, NOW.minusSeconds(60), 0),
                        new Holding("x", "a", 3, NOW.minusSeconds(58), 0)),
                NOW);
        assertThat(bars).extracting(Picture.HandOvers::between).startsWith(1, 0).endsWith(0);
    }

    @Test
    void waitsAreCountedUpToTheirBoundAndBeyondTheLast() {
        Picture.Waits waits = Statistics.waits(List.of(waited(0), waited(2), waited(3), waited(10_001), waited(-1)));
        assertThat(waits.upTo()).startsWith(2L, 5L).endsWith(10_000L);
        assertThat(waits.counts())
                .hasSize(waits.upTo().size() + 1)
                .startsWith(2, 1, 0)
                .endsWith(0, 1);
    }

    private static Holding holding(String lock, String instance, long token) {
        return new Holding(lock, instance, token, NOW, 0);
    }

    private static Holding waited(long millis) {
        return new Holding("x", "a", 1, NOW, millis);
    }
}
