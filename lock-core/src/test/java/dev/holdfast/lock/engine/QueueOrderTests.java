package dev.holdfast.lock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.store.KeyValue;
import dev.holdfast.lock.store.OpResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QueueOrderTests {

    private static final LockKeys KEYS = new LockKeys("locks/", true);

    @Test
    void itDecidesAsTheProtocolDoesForEachEntry() {
        Random random = new Random();
        long seed = random.nextLong();
        random.setSeed(seed);
        for (int round = 0; round < 2_000; round++) {
            List<Kind> queue = queue(random);
            QueueOrder order = new QueueOrder();
            for (int i = 0; i < queue.size(); i++) {
                boolean free = standing(queue, i) instanceof Standing.Free;
                assertThat(order.holds(queue.get(i)))
                        .as("entry %s of %s, seed %s", i, queue, seed)
                        .isEqualTo(free);
            }
        }
    }

    @Test
    void aProgramThatComesToASemaphoreWaitsForAllPermits() {
        QueueOrder order = new QueueOrder();

        assertThat(order.holds(Kind.semaphore(5))).isTrue();
        assertThat(order.holds(Kind.semaphore(5))).isTrue();
        assertThat(order.holds(Kind.EXCLUSIVE)).isFalse();
    }

    /** As they can come about: the entry of a semaphore is put only behind others of the same. */
    private static List<Kind> queue(Random random) {
        List<Kind> queue = new ArrayList<>();
        if (random.nextBoolean()) {
            queue.addAll(Collections.nCopies(1 + random.nextInt(6), Kind.semaphore(1 + random.nextInt(4))));
        }
        int others = random.nextInt(6);
        for (int i = 0; i < others; i++) {
            queue.add(random.nextInt(3) > 0 ? Kind.SHARED : Kind.EXCLUSIVE);
        }
        return queue;
    }

    private static Standing standing(List<Kind> queue, int place) {
        List<KeyValue> before = new ArrayList<>();
        for (int i = place - 1; i >= 0; i--) {
            before.add(new KeyValue(
                    KEYS.entry("name", LockKeys.tail(i + 1, 0)),
                    queue.get(i).valueStart() + "\"owner\":{}}",
                    i + 1,
                    i + 1,
                    i + 1));
        }
        return Protocol.of(KEYS, queue.get(place), List.of("name"), place + 1, 0)
                .standing(List.of(new OpResult.Keys(before, false)), place + 1);
    }
}
