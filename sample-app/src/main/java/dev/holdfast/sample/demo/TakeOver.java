package dev.holdfast.sample.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;

/**
 * The holder of a lock is killed while another instance waits for it.
 *
 * @param time from the kill to the other's next ticket
 * @param allowed TTL + 3 s
 */
record TakeOver(Duration time, Duration allowed, Outcome outcome) {

    private static final Duration LONGER_THAN_THE_DEMO = Duration.ofMinutes(1);
    private static final Duration SLACK = Duration.ofSeconds(3);

    boolean isInTime() {
        return time.compareTo(allowed) <= 0;
    }

    static TakeOver provoke(Rush rush, Instance holder, Instance other, long event, int bookings, Duration ttl)
            throws IOException, InterruptedException {
        rush.startSlow(holder, event, LONGER_THAN_THE_DEMO);
        String lock = "booking:event:" + event;
        await("the slow booking to hold the lock", other, lock, "holders");
        List<Future<Answer>> waiting = rush.start(List.of(other), event, true, bookings);
        await("the other instance to wait", other, lock, "waiters");
        long killed = System.nanoTime();
        holder.kill();
        Poll.until(
                "a ticket after the kill",
                Duration.ofSeconds(60),
                () -> waiting.stream().anyMatch(Future::isDone));
        Duration time = Duration.ofNanos(System.nanoTime() - killed);
        List<Answer> answers = Rush.answers(waiting);
        return new TakeOver(time, ttl.plus(SLACK), Outcome.of(answers, other.event(event)));
    }

    private static void await(String what, Instance witness, String lock, String who) {
        Poll.until(what, Duration.ofSeconds(20), () -> {
            try {
                return !witness.queue(lock).path(who).isEmpty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
