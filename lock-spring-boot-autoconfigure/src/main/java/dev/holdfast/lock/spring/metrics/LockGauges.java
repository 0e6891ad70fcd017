package dev.holdfast.lock.spring.metrics;

import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.RegistryStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/** What a registry holds and waits for, and how long its sessions have left, as gauges. */
public final class LockGauges implements MeterBinder {

    private final LockRegistry registry;
    private final Tags tags;

    public LockGauges(LockRegistry registry) {
        this(registry, Tags.empty());
    }

    /** @param tags to tell several lock registries apart; all of them should have the same keys */
    public LockGauges(LockRegistry registry, Iterable<Tag> tags) {
        this.registry = registry;
        this.tags = Tags.of(tags);
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        Gauge.builder("holdfast.locks.held", registry, locks -> locks.status().held())
                .tags(tags)
                .description("Locks held by this process")
                .register(meters);
        Gauge.builder(
                        "holdfast.locks.waiting",
                        registry,
                        locks -> locks.status().waiting())
                .tags(tags)
                .description("Requests of this process that wait for a lock")
                .register(meters);
        Gauge.builder("holdfast.session.remaining", registry, LockGauges::remaining)
                .tags(tags)
                .description("Time until the first session ends unless it is renewed")
                .baseUnit("seconds")
                .register(meters);
    }

    /** Of several sessions the shortest; not a number without one. */
    private static double remaining(LockRegistry registry) {
        return registry.status().sessions().stream()
                .map(RegistryStatus.Session::remaining)
                .mapToDouble(left -> left.toNanos() / 1e9)
                .min()
                .orElse(Double.NaN);
    }
}
