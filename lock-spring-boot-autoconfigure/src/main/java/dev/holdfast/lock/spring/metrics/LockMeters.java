package dev.holdfast.lock.spring.metrics;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.RegistryStatus;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records waits, holds, losses and renewals. The tag {@code lock} is {@link LockOptions#metricName()}, {@code other} where there is
 * none, so that names made of ids do not become tags. Meters are looked up once per name and outcome.
 */
public final class LockMeters implements LockListener {

    private final Supplier<MeterRegistry> source;
    private final Map<String, MetersOfLock> locks = new ConcurrentHashMap<>();
    private volatile @Nullable Renewals renewals;
    private volatile @Nullable DistributionSummary batches;

    /** @param meters asked on the first event, so that the meters do not come before the registry's filters and tags */
    public LockMeters(Supplier<MeterRegistry> meters) {
        this.source = meters;
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
            known = Renewals.of(source.get());
            renewals = known;
        }
        (succeeded ? known.succeeded() : known.failed()).record(roundTrip);
    }

    @Override
    public void batchSent(int operations) {
        DistributionSummary known = batches;
        if (known == null) {
            known = DistributionSummary.builder("holdfast.etcd.batch.size")
                    .description("Operations of locks that travel in one request to etcd")
                    .register(source.get());
            batches = known;
        }
        known.record(operations);
    }

    private MetersOfLock of(LockOptions options) {
        String name = options.metricName();
        MetersOfLock known = locks.get(name);
        return known != null
                ? known
                : locks.computeIfAbsent(name, tag -> new MetersOfLock(source.get(), tag.isEmpty() ? "other" : tag));
    }

    private record Renewals(Timer succeeded, Timer failed) {

        static Renewals of(MeterRegistry meters) {
            return new Renewals(timer(meters, "success"), timer(meters, "failure"));
        }

        private static Timer timer(MeterRegistry meters, String outcome) {
            return Timer.builder("holdfast.session.renewal")
                    .description("Attempts to renew a session, by round trip")
                    .tag("outcome", outcome)
                    .register(meters);
        }
    }
}
