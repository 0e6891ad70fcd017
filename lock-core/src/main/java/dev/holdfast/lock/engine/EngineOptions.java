package dev.holdfast.lock.engine;

import dev.holdfast.lock.HandOver;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.ReleaseMode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What an engine needs to know besides its store and its time.
 *
 * @param keyPrefix start of every key, for example {@code locks/}
 * @param encodeNames whether {@code /} and {@code %} in names are percent-encoded, so that {@code a} and {@code a/b} never meet
 * @param lockDefaults options of a lock that states none
 * @param owner who the keys say is holding
 * @param listeners told of everything that happens
 * @param requestTimeout longest wait for one answer of the store, where the TTL does not ask for less; default 2 s
 * @param closeTimeout longest time {@code close} takes; default 5 s
 * @param batching whether transactions on different names that gather while others are under way travel as one
 * @param handOver how locks are passed on inside the process
 * @param release whether a release waits for its confirmation
 * @param callbackExecutor runs listeners and completes users' futures; null: daemon threads of the engine's own
 */
public record EngineOptions(
        String keyPrefix,
        boolean encodeNames,
        LockOptions lockDefaults,
        Owner owner,
        List<LockListener> listeners,
        Duration requestTimeout,
        Duration closeTimeout,
        boolean batching,
        HandOver handOver,
        ReleaseMode release,
        @Nullable Executor callbackExecutor) {

    public EngineOptions {
        if (requestTimeout.isNegative() || requestTimeout.isZero()) {
            throw new IllegalArgumentException("requestTimeout is " + requestTimeout + "; give more than zero");
        }
        if (closeTimeout.isNegative()) {
            throw new IllegalArgumentException("closeTimeout is " + closeTimeout + "; give zero or more");
        }
        listeners = List.copyOf(listeners);
    }

    public static EngineOptions defaults() {
        return new EngineOptions(
                "locks/",
                true,
                LockOptions.defaults(),
                Owner.local("unknown"),
                List.of(),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                true,
                HandOver.defaults(),
                ReleaseMode.SYNC,
                null);
    }

    public EngineOptions withKeyPrefix(String keyPrefix) {
        return new EngineOptions(
                keyPrefix,
                encodeNames,
                lockDefaults,
                owner,
                listeners,
                requestTimeout,
                closeTimeout,
                batching,
                handOver,
                release,
                callbackExecutor);
    }

    public EngineOptions withEncodeNames(boolean encodeNames) {
        return new EngineOptions(
                keyPrefix,
                encodeNames,
                lockDefaults,
                owner,
                listeners,
                requestTimeout,
                closeTimeout,
                batching,
                handOver,
                release,
                callbackExecutor);
    }

    public EngineOptions withLockDefaults(LockOptions lockDefaults) {
        return new EngineOptions(
                keyPrefix,
                encodeNames,
                lockDefaults,
                owner,
                listeners,
                requestTimeout,
                closeTimeout,
                batching,
                handOver,
                release,
                callbackExecutor);
    }

    public EngineOptions withOwner(Owner owner) {
        return new EngineOptions(
                keyPrefix,
                encodeNames,
                lockDefaults,
                owner,
                listeners,
                requestTimeout,
                closeTimeout,
                batching,
                handOver,
                release,
                callbackExecutor);
    }

    public EngineOptions withListeners(List<LockListener> listeners) {
        return new EngineOptions(
                keyPrefix,
                encodeNames,
                lockDefaults,
                owner,
                listeners,
                requestTimeout,
                closeTimeout,
                batching,
                handOver,
                release,
                callbackExecutor);
    }

    public EngineOptions withRequestTimeout(Duration requestTimeout) {
        return new EngineOptions(
                keyPrefix,
                encodeNames,
                lockDefaults,
                owner,
                listeners,
                requestTimeout,
                closeTimeout,
                batching,
                handOver,
                release,
                callbackExecutor);
    }

    public EngineOptions withCloseTimeout(Duration closeTimeout) {
        return new EngineOptions(
                keyPrefix,
                encodeNames,
                lockDefaults,
                owner,
                listeners,
                requestTimeout,
                closeTimeout,
                batching,
                handOver,
                release,
                callbackExecutor);
    }

    public EngineOptions withBatching(boolean batching) {
        return new EngineOptions(
                keyPrefix,
                encodeNames,
                lockDefaults,
                owner,
                listeners,
                requestTimeout,
                closeTimeout,
                batching,
                handOver,
                release,
                callbackExecutor);
    }

    public EngineOptions withHandOver(HandOver handOver) {
        return new EngineOptions(
                keyPrefix,
                encodeNames,
                lockDefaults,
                owner,
                listeners,
                requestTimeout,
                closeTimeout,
                batching,
                handOver,
                release,
                callbackExecutor);
    }

    public EngineOptions withRelease(ReleaseMode release) {
        return new EngineOptions(
                keyPrefix,
                encodeNames,
                lockDefaults,
                owner,
                listeners,
                requestTimeout,
                closeTimeout,
                batching,
                handOver,
                release,
                callbackExecutor);
    }

    public EngineOptions withCallbackExecutor(Executor callbackExecutor) {
        return new EngineOptions(
                keyPrefix,
                encodeNames,
                lockDefaults,
                owner,
                listeners,
                requestTimeout,
                closeTimeout,
                batching,
                handOver,
                release,
                callbackExecutor);
    }
}
