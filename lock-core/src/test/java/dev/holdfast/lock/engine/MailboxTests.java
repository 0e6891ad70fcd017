package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MailboxTests {

    private final Mailbox mailbox = new Mailbox();

    @Test
    void anEventBroughtByAnEventRunsAfterIt() {
        List<String> order = new ArrayList<>();
        mailbox.execute(() -> {
            mailbox.execute(() -> order.add("inner"));
            order.add("outer");
        });
        assertThat(order).containsExactly("outer", "inner");
    }

    @Test
    void anEventThatFailsDoesNotStopTheOthers() {
        List<String> order = new ArrayList<>();
        mailbox.execute(() -> {
            mailbox.execute(() -> order.add("next"));
            throw new IllegalStateException("expected by the test");
        });
        mailbox.execute(() -> order.add("later"));
        assertThat(order).containsExactly("next", "later");
    }

    @Test
    void eventsOfManyThreadsRunOneAtATime() throws Exception {
        int[] counter = new int[1];
        ExecutorService threads = Executors.newFixedThreadPool(8);
        for (int thread = 0; thread < 8; thread++) {
            threads.execute(() -> {
                for (int i = 0; i < 20_000; i++) {
                    mailbox.execute(() -> counter[0]++);
                }
            });
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        int[] seen = new int[1];
        mailbox.execute(() -> seen[0] = counter[0]);
        assertThat(seen[0]).isEqualTo(160_000);
    }
}
