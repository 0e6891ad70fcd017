package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WindowTests {

    private static final Duration LONG = Duration.ofMinutes(1);

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private final Window window = new Window(2, timers);
    private final List<String> sent = new ArrayList<>();
    private final List<CompletableFuture<String>> underWay = new ArrayList<>();

    @AfterEach
    void stop() {
        timers.shutdownNow();
    }

    @Test
    void noMoreThanItsSizeAreUnderWayAndTheOthersFollowInOrder() {
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (String request : List.of("a", "b", "c", "d", "e")) {
            answers.add(window.call(LONG, left -> send(request)));
        }
        assertThat(sent).containsExactly("a", "b");

        underWay.get(1).complete("B");
        assertThat(sent).containsExactly("a", "b", "c");
        underWay.get(0).completeExceptionally(new IllegalStateException("refused"));
        assertThat(sent).containsExactly("a", "b", "c", "d");
        underWay.get(2).complete("C");

        assertThat(sent).containsExactly("a", "b", "c", "d", "e");
        assertThat(answers.get(0)).isCompletedExceptionally();
        assertThat(answers.get(1)).isCompletedWithValue("B");
        assertThat(answers.get(2)).isCompletedWithValue("C");
        assertThat(answers.get(3)).isNotDone();
    }

    @Test
    void whatHasWaitedForHalfItsTimeoutIsNeverSent() {
        window.call(LONG, left -> send("a"));
        window.call(LONG, left -> send("b"));

        CompletableFuture<String> late = window.call(Duration.ofMillis(20), left -> send("late"));
        CompletableFuture<String> next = window.call(LONG, left -> send("next"));

        assertThat(late)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        StoreException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(StoreException.Kind.EXHAUSTED));
        underWay.get(0).complete("A");
        assertThat(sent).containsExactly("a", "b", "next");
        underWay.get(2).complete("N");
        assertThat(next).isCompletedWithValue("N");
    }

    @Test
    void theTimeInTheQueueIsTakenFromTheTimeout() throws Exception {
        window.call(LONG, left -> send("a"));
        window.call(LONG, left -> send("b"));
        List<Duration> given = new ArrayList<>();
        window.call(LONG, left -> {
            given.add(left);
            return send("c");
        });

        timers.schedule(() -> underWay.get(0).complete("A"), 5, TimeUnit.MILLISECONDS)
                .get(10, TimeUnit.SECONDS);

        assertThat(given)
                .singleElement()
                .satisfies(
                        left -> assertThat(left).isLessThan(LONG.minusMillis(4)).isPositive());
    }

    @Test
    void aRequestThatCannotBeSentGivesItsPlaceBack() {
        for (int i = 0; i < 3; i++) {
            assertThat(window.call(LONG, left -> {
                        throw new IllegalArgumentException("too large");
                    }))
                    .isCompletedExceptionally();
        }
        window.call(LONG, left -> send("a"));
        assertThat(sent).containsExactly("a");
    }

    @Test
    void aHundredThousandThatFailAtOnceDoNotOverflowTheStack() {
        window.call(LONG, left -> send("a"));
        window.call(LONG, left -> send("b"));
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            answers.add(window.call(LONG, left -> CompletableFuture.failedFuture(new IllegalStateException("down"))));
        }

        underWay.get(0).complete("A");

        assertThat(answers).allSatisfy(answer -> assertThat(answer).isCompletedExceptionally());
    }

    private CompletableFuture<String> send(String request) {
        sent.add(request);
        CompletableFuture<String> answer = new CompletableFuture<>();
        underWay.add(answer);
        return answer;
    }
}
