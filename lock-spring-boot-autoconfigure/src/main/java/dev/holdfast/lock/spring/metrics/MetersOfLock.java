package dev.holdfast.lock.spring.metrics;

import dev.holdfast.lock.LockListener.WaitOutcome;
import dev.holdfast.lock.LockLoss;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The meters of one value of the tag {@code lock}. Those of an outcome come into being with it. */
final class MetersOfLock {

    private final MeterRegistry meters;
    private final String lock;
    private final Timer released;
    private final AtomicReferenceArray<Timer> waits = new AtomicReferenceArray<>(WaitOutcome.values().length);

    MetersOfLock(MeterRegistry meters, String lock) {
        this.meters = meters;
        this.lock = lock;
        this.released = hold("released");
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
        Counter.builder("holdfast.lock.lost")
                .description("Locks lost while they were held")
                .tag("lock", lock)
                .tag("reason", reason.tag())
                .register(meters)
                .increment();
    }

    private Timer wait(String outcome) {
        return Timer.builder("holdfast.lock.wait")
                .description("Time from the request for a lock to its end")
                .tag("lock", lock)
                .tag("outcome", outcome)
                .register(meters);
    }

    private Timer hold(String outcome) {
        return Timer.builder("holdfast.lock.hold")
                .description("Time a lock was held")
                .tag("lock", lock)
                .tag("outcome", outcome)
                .register(meters);
    }
}
