package dev.holdfast.lock.spring.metrics;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.RegistryStatus;
import dev.holdfast.lock.spring.observation.LockTag;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records waits, holds, losses, renewals and batches. The tag {@code lock} is that of {@link LockTag}. Meters are looked up once per
 * name and outcome. Thread-safe.
 */
public final class LockMeters implements LockListener {

    private final Supplier<MeterRegistry> source;
    private final Function<@Nullable LockRegistry, Tags> tagsOf;
    private final @Nullable LockRegistry registry;
    private final LockTag lockTag;
    private final Map<String, MetersOfLock> locks = new ConcurrentHashMap<>();
    private volatile @Nullable Renewals renewals;
    private volatile @Nullable DistributionSummary batches;

    /** @param meters asked on the first event, so that the meters do not come before the registry's filters and tags */
    public LockMeters(Supplier<MeterRegistry> meters) {
        this(meters, Tags.empty());
    }

    /** @param tags further tags of all meters, to tell several lock registries apart; all of them should have the same keys */
    public LockMeters(Supplier<MeterRegistry> meters, Iterable<Tag> tags) {
        this(meters, registry -> Tags.of(tags));
    }

    /**
     * For one listener that is given to several lock registries.
     *
     * @param tagsOf further tags of the meters of a lock registry, asked on its first event; all of them should have the same keys
     */
    public LockMeters(Supplier<MeterRegistry> meters, Function<@Nullable LockRegistry, Tags> tagsOf) {
        this(meters, tagsOf, null, new LockTag("metrics"));
    }

    private LockMeters(
            Supplier<MeterRegistry> source,
            Function<@Nullable LockRegistry, Tags> tagsOf,
            @Nullable LockRegistry registry,
            LockTag lockTag) {
        this.source = source;
        this.tagsOf = tagsOf;
        this.registry = registry;
        this.lockTag = lockTag;
    }

    @Override
    public LockListener of(LockRegistry registry) {
        return new LockMeters(source, tagsOf, registry, lockTag);
    }

    /** Before anything is sent for the request: the meter registry must not be asked for on an I/O thread. */
    @Override
    public void waiting(String name, LockOptions options) {
        if (batches == null) {
            batches = DistributionSummary.builder("holdfast.etcd.batch.size")
                    .description("Operations of locks that travel in one request to etcd")
                    .baseUnit("operations")
                    .tags(tagsOf.apply(registry))
                    .register(source.get());
        }
    }

    @Override
    public void acquired(LockHandle handle, LockOptions options, Duration waited) {
        of(options).waited(WaitOutcome.ACQUIRED, waited);
    }

    @Override
    public void notAcquired(String name, LockOptions options, WaitOutcome outcome, Duration waited) {
        of(options).waited(outcome, waited);
    }

    @Override
    public void released(LockHandle handle, LockOptions options, Duration held) {
        of(options).released(held);
    }

    @Override
    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
        of(options).lost(loss.reason(), held);
    }

    @Override
    public void renewal(RegistryStatus.Session session, boolean succeeded, Duration roundTrip) {
        Renewals known = renewals;
        if (known == null) {
            known = Renewals.of(source.get(), tagsOf.apply(registry));
            renewals = known;
        }
        (succeeded ? known.succeeded() : known.failed()).record(roundTrip);
    }

    @Override
    public void batchSent(int operations) {
        DistributionSummary known = batches;
        if (known != null) {
            known.record(operations);
        }
    }

    private MetersOfLock of(LockOptions options) {
        String tag = lockTag.of(options);
        MetersOfLock known = locks.get(tag);
        return known != null
                ? known
                : locks.computeIfAbsent(
                        tag,
                        lock -> new MetersOfLock(
                                source.get(), tagsOf.apply(registry).and("lock", lock)));
    }

    private record Renewals(Timer succeeded, Timer failed) {

        static Renewals of(MeterRegistry meters, Tags tags) {
            return new Renewals(timer(meters, tags, "success"), timer(meters, tags, "failure"));
        }

        private static Timer timer(MeterRegistry meters, Tags tags, String outcome) {
            return Timer.builder("holdfast.session.renewal")
                    .description("Attempts to renew a session, by round trip")
                    .tags(tags)
                    .tag("outcome", outcome)
                    .register(meters);
        }
    }
}
