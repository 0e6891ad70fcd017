package dev.holdfast.lock.spring.observation;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockLostException;
import dev.holdfast.lock.LockOptions;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Observes each wait and each hold, as children of what its caller was observed doing when it asked for the lock. No scope is opened,
 * except by {@link HoldScope} around the body of a locked method. Costs nothing worth mentioning while the observation registry has no
 * handlers. Thread-safe.
 */
public final class LockObservations implements LockListener {

    private static final LockWaitObservationConvention WAIT = new LockWaitObservationConvention() {};
    private static final LockHoldObservationConvention HOLD = new LockHoldObservationConvention() {};

    private final Supplier<ObservationRegistry> source;
    private final Supplier<? extends @Nullable LockWaitObservationConvention> waitConvention;
    private final Supplier<? extends @Nullable LockHoldObservationConvention> holdConvention;
    private final LockTag lockTag = new LockTag("observations");
    private final Map<LockHandle, ObservedHold> holds = new ConcurrentHashMap<>();

    /** With the default conventions. */
    public LockObservations(ObservationRegistry observations) {
        this(() -> observations, () -> null, () -> null);
    }

    /**
     * All of them are asked on each request, not before, and should know their answer.
     *
     * @param waitConvention the application's own, if it has one
     * @param holdConvention the application's own, if it has one
     */
    public LockObservations(
            Supplier<ObservationRegistry> observations,
            Supplier<? extends @Nullable LockWaitObservationConvention> waitConvention,
            Supplier<? extends @Nullable LockHoldObservationConvention> holdConvention) {
        this.source = observations;
        this.waitConvention = waitConvention;
        this.holdConvention = holdConvention;
    }

    @Override
    public @Nullable RequestListener follow(String name, LockOptions options) {
        ObservationRegistry registry = source.get();
        return registry.isNoop() ? null : new ObservedRequest(registry, name, options);
    }

    @Override
    public void released(LockHandle handle, LockOptions options, Duration held) {
        ObservedHold hold = holds.remove(handle);
        if (hold != null) {
            hold.context().released();
            hold.observation().stop();
        }
    }

    @Override
    public void lost(LockHandle handle, LockOptions options, LockLoss loss, Duration held) {
        ObservedHold hold = holds.remove(handle);
        if (hold != null) {
            hold.context().lost(loss);
            hold.observation().error(new LockLostException(loss)).stop();
        }
    }

    /** Makes the hold the current observation of this thread; null if it is not observed, or if its scope was opened before. */
    Observation.@Nullable Scope openScope(LockHandle handle) {
        ObservedHold hold = holds.get(handle);
        return hold != null && hold.scoped().compareAndSet(false, true)
                ? hold.observation().openScope()
                : null;
    }

    private record ObservedHold(Observation observation, LockHoldContext context, AtomicBoolean scoped) {}

    /** One request on its way. The end may come on another thread, so the caller's observation is remembered. */
    private final class ObservedRequest implements RequestListener {

        private final ObservationRegistry registry;
        private final LockOptions options;
        private final @Nullable Observation caller;
        private final LockWaitContext context;
        private final Observation wait;

        private ObservedRequest(ObservationRegistry registry, String name, LockOptions options) {
            this.registry = registry;
            this.options = options;
            this.caller = registry.getCurrentObservation();
            this.context = new LockWaitContext(name, options, lockTag.of(options));
            this.wait = Observation.createNotStarted(waitConvention.get(), WAIT, () -> context, registry)
                    .start();
        }

        @Override
        public void acquired(LockHandle handle) {
            context.ended(WaitOutcome.ACQUIRED);
            wait.stop();
            LockHoldContext holdContext = new LockHoldContext(handle, options, context.lock());
            Observation hold = Observation.createNotStarted(holdConvention.get(), HOLD, () -> holdContext, registry);
            // What is observed on this thread, the callback executor's perhaps, has nothing to do with it.
            holdContext.setParentObservation(caller);
            hold.start();
            if (!hold.isNoop()) {
                holds.put(handle, new ObservedHold(hold, holdContext, new AtomicBoolean()));
            }
        }

        @Override
        public void notAcquired(WaitOutcome outcome, @Nullable Throwable failure) {
            context.ended(outcome);
            if (failure != null) {
                wait.error(failure);
            }
            wait.stop();
        }
    }
}
