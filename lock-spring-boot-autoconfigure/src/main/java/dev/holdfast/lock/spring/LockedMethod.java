package dev.holdfast.lock.spring;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One method with everything its {@link DistributedLock} says, resolved once: placeholders, durations, key expression. Thread-safe.
 * What it leaves open comes from the registry, which must not be asked for before the first call.
 */
final class LockedMethod {

    private final Method method;
    private final String name;
    private final @Nullable LockKey key;
    private final String registry;
    private final LockKind kind;
    private final Overrides overrides;
    private final OnBusy onBusy;
    private final OnLost onLost;

    private volatile @Nullable Options options;

    LockedMethod(
            Method method,
            String name,
            @Nullable LockKey key,
            String registry,
            LockKind kind,
            Overrides overrides,
            OnBusy onBusy,
            OnLost onLost) {
        this.method = method;
        this.name = name;
        this.key = key;
        this.registry = registry;
        this.kind = kind;
        this.overrides = overrides;
        this.onBusy = onBusy;
        this.onLost = onLost;
    }

    /**
     * What the call locks: one name, or the distinct names of all elements of its key.
     *
     * @throws IllegalArgumentException if the key has no value
     */
    List<String> names(KeyRoot call) {
        if (key == null) {
            return List.of(name);
        }
        String value = key.evaluate(call);
        return List.of(name.isEmpty() ? value : name + ":" + value);
    }

    /** The lock of these names, of the method's kind and with its options. */
    LeaseLock lock(LockRegistry registry, List<String> names) {
        return kind.lock(registry, names, options(registry.defaults()));
    }

    /** What the annotation says over {@code defaults}; computed once per registry. */
    private LockOptions options(LockOptions defaults) {
        Options cached = options;
        if (cached == null || cached.defaults != defaults) {
            cached = new Options(defaults, overrides.over(defaults));
            options = cached;
        }
        return cached.effective;
    }

    /** Name or qualifier of its registry; empty: the one that would be injected. */
    String registry() {
        return registry;
    }

    Method method() {
        return method;
    }

    LockKind kind() {
        return kind;
    }

    OnBusy onBusy() {
        return onBusy;
    }

    OnLost onLost() {
        return onLost;
    }

    /** The result of a call that did not run because the lock was busy. */
    @Nullable
    Object skipped() {
        return method.getReturnType() == Optional.class ? Optional.empty() : null;
    }

    /** The options the annotation states; null where it does not. */
    record Overrides(
            @Nullable Duration ttl,
            @Nullable Boolean renew,
            @Nullable Duration waitTime,
            @Nullable Duration maxHold,
            @Nullable Duration holdAtLeast,
            String metricName) {

        /** @throws IllegalArgumentException if together they make no sense */
        LockOptions over(LockOptions defaults) {
            return new LockOptions(
                    ttl == null ? defaults.ttl() : ttl,
                    renew == null ? defaults.renew() : renew,
                    waitTime == null ? defaults.waitTime() : waitTime,
                    maxHold == null ? defaults.maxHold() : maxHold,
                    holdAtLeast == null ? defaults.holdAtLeast() : holdAtLeast,
                    defaults.metadata(),
                    metricName);
        }
    }

    private record Options(LockOptions defaults, LockOptions effective) {}
}
