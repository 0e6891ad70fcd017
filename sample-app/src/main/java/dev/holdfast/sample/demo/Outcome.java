package dev.holdfast.sample.demo;

import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What a rush on an event led to.
 *
 * @param asked bookings asked for
 * @param failed answers that are neither a ticket nor "sold out"
 * @param p50 time to an answer, half were faster
 * @param p99 all but one in a hundred were faster
 */
record Outcome(int asked, int seats, int sold, int oversold, long failed, Duration p50, Duration p99) {

    static Outcome of(List<Answer> answers, JsonNode event) {
        List<Duration> times = answers.stream().map(Answer::took).sorted().toList();
        long failed = answers.stream()
                .filter(answer -> !answer.isBooked() && !answer.reason().equals("sold-out"))
                .count();
        return new Outcome(
                answers.size(),
                event.path("seats").asInt(),
                event.path("sold").asInt(),
                event.path("oversold").asInt(),
                failed,
                percentile(times, 50),
                percentile(times, 99));
    }

    private static Duration percentile(List<Duration> sorted, int percent) {
        int rank = (int) Math.ceil(sorted.size() * percent / 100.0);
        return sorted.isEmpty() ? Duration.ZERO : sorted.get(Math.max(0, rank - 1));
    }
}
