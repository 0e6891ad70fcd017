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
    private final Iterable<Tag> tags;

    public LockGauges(LockRegistry registry) {
        this(registry, Tags.empty());
    }

    /** @param tags of each gauge: what tells this registry from others of the application */
    public LockGauges(LockRegistry registry, Iterable<Tag> tags) {
        this.registry = registry;
        this.tags = tags;
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        Gauge.builder("holdfast.locks.held", registry, locks -> locks.status().held())
                .description("Locks held by this process")
                .tags(tags)
                .register(meters);
        Gauge.builder(
                        "holdfast.locks.waiting",
                        registry,
                        locks -> locks.status().waiting())
                .description("Requests of this process that wait for a lock")
                .tags(tags)
                .register(meters);
        Gauge.builder("holdfast.session.remaining", registry, LockGauges::remaining)
                .description("Time until the first session ends unless it is renewed")
                .tags(tags)
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
