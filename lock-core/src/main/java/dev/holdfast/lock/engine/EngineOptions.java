package dev.holdfast.lock.engine;

import dev.holdfast.lock.HandOver;
import dev.holdfast.lock.LockListener;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.ReleaseMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
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
        checkedKey("keyPrefix", keyPrefix);
        if (keyPrefix.length() < 2 || !keyPrefix.endsWith("/")) {
            throw new IllegalArgumentException(
                    "keyPrefix is \"" + keyPrefix + "\"; give a text that ends with \"/\", for example \"locks/\"");
        }
        if (requestTimeout.isNegative() || requestTimeout.isZero()) {
            throw new IllegalArgumentException("requestTimeout is " + requestTimeout + "; give more than zero");
        }
        if (closeTimeout.isNegative()) {
            throw new IllegalArgumentException("closeTimeout is " + closeTimeout + "; give zero or more");
        }
        requestTimeout = EngineLock.capped(requestTimeout);
        closeTimeout = EngineLock.capped(closeTimeout);
        listeners = List.copyOf(listeners);
    }

    /** What may stand at the beginning of a key: {@code etcdctl} and logs must be able to show it. */
    public static String checkedKey(String option, String value) {
        boolean odd = value.chars().anyMatch(c -> Character.isISOControl(c) || Character.isWhitespace(c));
        if (odd || !StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
            throw new IllegalArgumentException(option + " is \""
                    + value.replaceAll("\\p{Cntrl}", "?")
                    + "\"; remove white space, control characters and broken Unicode");
        }
        return value;
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
        return with(changed -> changed.keyPrefix = keyPrefix);
    }

    public EngineOptions withEncodeNames(boolean encodeNames) {
        return with(changed -> changed.encodeNames = encodeNames);
    }

    public EngineOptions withLockDefaults(LockOptions lockDefaults) {
        return with(changed -> changed.lockDefaults = lockDefaults);
    }

    public EngineOptions withOwner(Owner owner) {
        return with(changed -> changed.owner = owner);
    }

    public EngineOptions withListeners(List<LockListener> listeners) {
        return with(changed -> changed.listeners = listeners);
    }

    public EngineOptions withRequestTimeout(Duration requestTimeout) {
        return with(changed -> changed.requestTimeout = requestTimeout);
    }

    public EngineOptions withCloseTimeout(Duration closeTimeout) {
        return with(changed -> changed.closeTimeout = closeTimeout);
    }

    public EngineOptions withBatching(boolean batching) {
        return with(changed -> changed.batching = batching);
    }

    public EngineOptions withHandOver(HandOver handOver) {
        return with(changed -> changed.handOver = handOver);
    }

    public EngineOptions withRelease(ReleaseMode release) {
        return with(changed -> changed.release = release);
    }

    public EngineOptions withCallbackExecutor(Executor callbackExecutor) {
        return with(changed -> changed.callbackExecutor = callbackExecutor);
    }

    private EngineOptions with(Consumer<Draft> change) {
        Draft draft = new Draft();
        change.accept(draft);
        return draft.finished();
    }

    /** All components, to change some of them. */
    private final class Draft {

        private String keyPrefix = EngineOptions.this.keyPrefix;
        private boolean encodeNames = EngineOptions.this.encodeNames;
        private LockOptions lockDefaults = EngineOptions.this.lockDefaults;
        private Owner owner = EngineOptions.this.owner;
        private List<LockListener> listeners = EngineOptions.this.listeners;
        private Duration requestTimeout = EngineOptions.this.requestTimeout;
        private Duration closeTimeout = EngineOptions.this.closeTimeout;
        private boolean batching = EngineOptions.this.batching;
        private HandOver handOver = EngineOptions.this.handOver;
        private ReleaseMode release = EngineOptions.this.release;
        private @Nullable Executor callbackExecutor = EngineOptions.this.callbackExecutor;

        private EngineOptions finished() {
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
}
