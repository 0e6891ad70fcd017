package dev.holdfast.lock.memory;

import dev.holdfast.lock.HandOver;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import dev.holdfast.lock.ReleaseMode;
import dev.holdfast.lock.engine.EngineOptions;
import dev.holdfast.lock.engine.LockEngine;
import dev.holdfast.lock.engine.Owner;
import dev.holdfast.lock.time.SystemTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * Makes lock registries that keep their locks in this JVM: the same engine as on etcd, above a model of it. For development and tests;
 * it excludes nobody in another process.
 */
public final class MemoryLockRegistry {

    private MemoryLockRegistry() {}

    /** A registry with defaults, alone on a server of its own. */
    public static LockRegistry create() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Settings of a registry. Not thread-safe. */
    public static final class Builder {

        private EngineOptions options = EngineOptions.defaults();
        private final List<LockListener> listeners = new ArrayList<>();
        private Function<EngineOptions, LockRegistry> engine = MemoryLockRegistry::alone;

        private Builder() {}

        /** Options of locks that state none. */
        public Builder defaults(LockOptions defaults) {
            options = options.withLockDefaults(defaults);
            return this;
        }

        /** Name of the application, as others read it in an entry. */
        public Builder owner(String application) {
            options = options.withOwner(Owner.local(application));
            return this;
        }

        public Builder listener(LockListener listener) {
            listeners.add(listener);
            return this;
        }

        public Builder keyPrefix(String keyPrefix) {
            options = options.withKeyPrefix(keyPrefix);
            return this;
        }

        public Builder encodeNames(boolean encodeNames) {
            options = options.withEncodeNames(encodeNames);
            return this;
        }

        public Builder closeTimeout(Duration closeTimeout) {
            options = options.withCloseTimeout(closeTimeout);
            return this;
        }

        /** How locks are passed on inside the registry; default {@link HandOver#defaults()}. */
        public Builder handOver(HandOver handOver) {
            options = options.withHandOver(handOver);
            return this;
        }

        /** Whether a release waits for its confirmation; default {@link ReleaseMode#SYNC}. */
        public Builder release(ReleaseMode release) {
            options = options.withRelease(release);
            return this;
        }

        /** Runs listeners and completes futures instead of threads of the registry's own. */
        public Builder callbackExecutor(Executor executor) {
            options = options.withCallbackExecutor(executor);
            return this;
        }

        /** For tests: what makes the registry of these settings, on a model and a clock that the test controls. */
        public Builder engine(Function<EngineOptions, LockRegistry> engine) {
            this.engine = engine;
            return this;
        }

        public LockRegistry build() {
            return engine.apply(options.withListeners(listeners));
        }
    }

    private static LockRegistry alone(EngineOptions options) {
        SystemTimeSource time = new SystemTimeSource();
        return new LockEngine(
                new MemoryServer(time).connect(),
                time,
                options,
                () -> ThreadLocalRandom.current().nextLong(),
                time::close);
    }
}
