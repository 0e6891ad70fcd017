package dev.holdfast.lock.spring.metrics;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.RegistryStatus;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records waits, holds, losses, renewals and batches. The tag {@code lock} is {@link LockOptions#metricName()}, {@code other} where
 * there is none, so that names made of ids do not become tags; and after 500 values every new one is {@code other} too. Meters are
 * looked up once per name and outcome. Thread-safe.
 */
public final class LockMeters implements LockListener {

    private static final Logger log = LoggerFactory.getLogger(LockMeters.class);

    private static final int MOST_LOCKS = 500;

    private final Supplier<MeterRegistry> source;
    private final Tags tags;
    private final AtomicBoolean overflowLogged = new AtomicBoolean();
    private final Map<String, MetersOfLock> locks = new ConcurrentHashMap<>();
    private volatile @Nullable Renewals renewals;
    private volatile @Nullable DistributionSummary batches;

    /** @param meters asked on the first event, so that the meters do not come before the registry's filters and tags */
    public LockMeters(Supplier<MeterRegistry> meters) {
        this(meters, Tags.empty());
    }

    /** @param tags further tags of all meters, to tell several lock registries apart; all of them should have the same keys */
    public LockMeters(Supplier<MeterRegistry> meters, Iterable<Tag> tags) {
        this.source = meters;
        this.tags = Tags.of(tags);
    }

    /** Before anything is sent for the request: the meter registry must not be asked for on an I/O thread. */
    @Override
    public void waiting(String name, LockOptions options) {
        if (batches == null) {
            batches = DistributionSummary.builder("holdfast.etcd.batch.size")
                    .description("Operations of locks that travel in one request to etcd")
                    .baseUnit("operations")
                    .tags(tags)
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
            known = Renewals.of(source.get(), tags);
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
        String name = options.metricName();
        MetersOfLock known = locks.get(name);
        if (known != null) {
            return known;
        }
        if (locks.size() < MOST_LOCKS) {
            return create(name.isEmpty() ? "other" : name);
        }
        if (!name.isEmpty() && overflowLogged.compareAndSet(false, true)) {
            log.warn(
                    "There are {} values of the tag 'lock' in the metrics; '{}' and further ones are counted as 'other'. Give"
                            + " LockOptions.metricName or @DistributedLock(name) a few fixed values",
                    MOST_LOCKS,
                    name);
        }
        return create("other");
    }

    private MetersOfLock create(String tag) {
        MetersOfLock meters =
                locks.computeIfAbsent(tag, lock -> new MetersOfLock(source.get(), tags.and("lock", lock)));
        if (tag.equals("other")) {
            locks.putIfAbsent("", meters);
        }
        return meters;
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
