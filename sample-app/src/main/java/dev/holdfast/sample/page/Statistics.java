package dev.holdfast.sample.page;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be told from the tokens and waits in the database. */
final class Statistics {

    static final List<Long> UP_TO = List.of(2L, 5L, 10L, 20L, 50L, 100L, 200L, 500L, 1000L, 2000L, 5000L, 10000L);

    private static final int BARS = 30;
    private static final int SECONDS_OF_A_BAR = 2;

    private Statistics() {}

    static Picture.Waits waits(List<Holding> holdings) {
        int[] counts = new int[UP_TO.size() + 1];
        holdings.stream()
                .mapToLong(Holding::waitedMillis)
                .filter(waited -> waited >= 0)
                .forEach(waited -> {
                    int bucket = 0;
                    while (bucket < UP_TO.size() && waited > UP_TO.get(bucket)) {
                        bucket++;
                    }
                    counts[bucket]++;
                });
        return new Picture.Waits(UP_TO, Arrays.stream(counts).boxed().toList());
    }

    /**
     * Of the last minute.
     *
     * @param holdings by lock and token
     */
    static List<Picture.HandOvers> handOvers(List<Holding> holdings, Instant now) {
        long last = now.getEpochSecond() / SECONDS_OF_A_BAR;
        int[] between = new int[BARS];
        int[] within = new int[BARS];
        @Nullable Holding before = null;
        for (Holding holding : holdings) {
            long bar = holding.at().getEpochSecond() / SECONDS_OF_A_BAR - last + BARS - 1;
            if (before != null && before.lock().equals(holding.lock()) && bar >= 0 && bar < BARS) {
                int[] counts = before.instance().equals(holding.instance()) ? within : between;
                counts[(int) bar]++;
            }
            before = holding;
        }
        List<Picture.HandOvers> bars = new ArrayList<>();
        for (int i = 0; i < BARS; i++) {
            Instant second = Instant.ofEpochSecond((last - BARS + 1 + i) * SECONDS_OF_A_BAR)
                    .truncatedTo(ChronoUnit.SECONDS);
            bars.add(new Picture.HandOvers(second, between[i], within[i]));
        }
        return bars;
    }
}
