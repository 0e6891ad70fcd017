package dev.holdfast.lock.spring.election;

import dev.holdfast.lock.LeaderElection;
import dev.holdfast.lock.Leadership;
import dev.holdfast.lock.LeadershipListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationEventPublisherAware;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

/**
 * A candidate of an election, as a bean: stands from the start of the application to its stop, also again after leadership was lost, and
 * publishes {@link LeaderElectedEvent} and {@link LeaderRevokedEvent}. Trouble with etcd is waited out; it neither delays nor fails the
 * start. Thread-safe.
 *
 * <p>Stops after web server, schedulers and message listeners have drained, so that the work they finish is still the leader's, and
 * before the lock registry is closed.
 */
public final class LeaderCandidate implements SmartLifecycle, ApplicationEventPublisherAware {

    /** Below executors and schedulers, above the end of the locks ({@code - 2048}); higher phases stop first. */
    private static final int PHASE = ExecutorConfigurationSupport.DEFAULT_PHASE - 1024;

    private final LeaderElection election;
    private final String value;
    private final boolean autoStartup;

    /** Set before the event is published, so that a listener sees itself lead. */
    private final AtomicReference<@Nullable Leadership> current = new AtomicReference<>();

    private @Nullable ApplicationEventPublisher publisher;
    private volatile LeaderElection.@Nullable Candidacy candidacy;

    private LeaderCandidate(LeaderElection election, String value, boolean autoStartup) {
        this.election = election;
        this.value = value;
        this.autoStartup = autoStartup;
    }

    /**
     * A candidate of the election of that name.
     *
     * @param value who or where it is, for those who ask for the leader
     */
    public static Builder builder(LockRegistry registry, String name, String value) {
        return new Builder(registry, name, value);
    }

    /** Name of the election. */
    public String name() {
        return election.name();
    }

    /**
     * Whether this application leads now, for scheduled work to begin with. False before anybody else can be elected, without I/O; but work
     * that has begun is not stopped by it and asks again, see {@link #leadership()}.
     */
    public boolean isLeader() {
        return leadership().isPresent();
    }

    /**
     * The present leadership; empty if it does not lead now. Longer work keeps it and asks its {@link Leadership#ensureHeld()} between
     * steps; its {@link Leadership#fencingToken()} is the term; its {@link Leadership#release()} resigns.
     */
    public Optional<Leadership> leadership() {
        return Optional.ofNullable(current.get()).filter(Leadership::isHeld);
    }

    @Override
    public synchronized void start() {
        ApplicationEventPublisher events = publisher;
        if (events == null) {
            throw new IllegalStateException(
                    "The candidate of election '" + name() + "' has nobody to tell; make it a bean");
        }
        if (candidacy == null) {
            candidacy = election.stand(value, new Publishing(events));
        }
    }

    /** Resigns, publishes that, and returns when no candidate is left; while one call does, another returns at once. */
    @Override
    public void stop() {
        LeaderElection.Candidacy standing = taken();
        // Not under the monitor: it waits for listeners, which may call this too.
        if (standing != null) {
            standing.close();
        }
    }

    private synchronized LeaderElection.@Nullable Candidacy taken() {
        LeaderElection.Candidacy standing = candidacy;
        candidacy = null;
        return standing;
    }

    @Override
    public boolean isRunning() {
        return candidacy != null;
    }

    @Override
    public boolean isAutoStartup() {
        return autoStartup;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    @Override
    public synchronized void setApplicationEventPublisher(ApplicationEventPublisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public String toString() {
        return "LeaderCandidate[" + name() + ", " + value + (isLeader() ? ", leads]" : "]");
    }

    private final class Publishing implements LeadershipListener {

        private final ApplicationEventPublisher events;

        Publishing(ApplicationEventPublisher events) {
            this.events = events;
        }

        @Override
        public void elected(Leadership leadership) {
            current.set(leadership);
            events.publishEvent(new LeaderElectedEvent(name(), leadership.value(), leadership.fencingToken()));
        }

        @Override
        public void revoked(Leadership leadership) {
            // Stopped and started again, there may be a newer one.
            current.compareAndSet(leadership, null);
            events.publishEvent(new LeaderRevokedEvent(name(), leadership.value(), leadership.fencingToken()));
        }
    }

    /** Settings of a candidate. Not thread-safe. */
    public static final class Builder {

        private final LockRegistry registry;
        private final String name;
        private final String value;
        private LockOptions options;
        private boolean autoStartup = true;

        private Builder(LockRegistry registry, String name, String value) {
            this.registry = registry;
            this.name = name;
            this.value = value;
            this.options = registry.defaults();
        }

        /** Of these the TTL matters: how long a leader that died or was cut off keeps others out; default: the registry's options. */
        public Builder options(LockOptions options) {
            this.options = options;
            return this;
        }

        /** Whether it stands as soon as the application starts, or only when {@link LeaderCandidate#start()} is called; default true. */
        public Builder autoStartup(boolean autoStartup) {
            this.autoStartup = autoStartup;
            return this;
        }

        /** @throws IllegalArgumentException if the name is not allowed */
        public LeaderCandidate build() {
            return new LeaderCandidate(registry.election(name, options), value, autoStartup);
        }
    }
}
