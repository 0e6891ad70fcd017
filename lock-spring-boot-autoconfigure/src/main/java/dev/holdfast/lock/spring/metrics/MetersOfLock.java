package dev.holdfast.lock.spring.metrics;

import dev.holdfast.lock.LockListener.WaitOutcome;
import dev.holdfast.lock.LockLoss;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The meters of one value of the tag {@code lock}, which is among the tags. Those that alerts look at are there from the start: from a
 * counter that begins with one, nobody sees that it has increased. The others come into being with their outcome.
 */
final class MetersOfLock {

    private final MeterRegistry meters;
    private final Tags tags;
    private final Timer released;

    private final Map<LockLoss.Reason, Counter> losses = new EnumMap<>(LockLoss.Reason.class);

    private final AtomicReferenceArray<Timer> waits = new AtomicReferenceArray<>(WaitOutcome.values().length);

    MetersOfLock(MeterRegistry meters, Tags tags) {
        this.meters = meters;
        this.tags = tags;
        this.released = hold("released");
        for (LockLoss.Reason reason : LockLoss.Reason.values()) {
            losses.put(reason, loss(reason));
        }
        waits.set(WaitOutcome.UNAVAILABLE.ordinal(), wait(WaitOutcome.UNAVAILABLE.tag()));
    }

    void waited(WaitOutcome outcome, Duration waited) {
        Timer known = waits.get(outcome.ordinal());
        if (known == null) {
            known = wait(outcome.tag());
            waits.set(outcome.ordinal(), known);
        }
        known.record(waited);
    }

    void released(Duration held) {
        released.record(held);
    }

    void lost(LockLoss.Reason reason, Duration held) {
        hold("lost").record(held);
        Objects.requireNonNull(losses.get(reason)).increment();
    }

    private Counter loss(LockLoss.Reason reason) {
        return Counter.builder("holdfast.lock.lost")
                .description("Locks lost while they were held")
                .tags(tags)
                .tag("reason", reason.tag())
                .register(meters);
    }

    private Timer wait(String outcome) {
        return Timer.builder("holdfast.lock.wait")
                .description("Time from the request for a lock to its end")
                .tags(tags)
                .tag("outcome", outcome)
                .register(meters);
    }

    private Timer hold(String outcome) {
        return Timer.builder("holdfast.lock.hold")
                .description("Time a lock was held")
                .tags(tags)
                .tag("outcome", outcome)
                .register(meters);
    }
}
