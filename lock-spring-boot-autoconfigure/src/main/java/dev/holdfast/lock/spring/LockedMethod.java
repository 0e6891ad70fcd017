package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockOptions;
import java.lang.reflect.Method;
import java.time.Duration;
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
    private final Overrides overrides;
    private final OnBusy onBusy;
    private final OnLost onLost;

    private volatile @Nullable Options options;

    LockedMethod(Method method, String name, @Nullable LockKey key, Overrides overrides, OnBusy onBusy, OnLost onLost) {
        this.method = method;
        this.name = name;
        this.key = key;
        this.overrides = overrides;
        this.onBusy = onBusy;
        this.onLost = onLost;
    }

    String lockName(Object target, Method called, Object[] arguments) {
        if (key == null) {
            return name;
        }
        String value = key.evaluate(target, called, arguments);
        return name.isEmpty() ? value : name + ":" + value;
    }

    /** What the annotation says over {@code defaults}; computed once per registry. */
    LockOptions options(LockOptions defaults) {
        Options cached = options;
        if (cached == null || cached.defaults != defaults) {
            cached = new Options(defaults, overrides.over(defaults));
            options = cached;
        }
        return cached.effective;
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
            @Nullable Duration waitTime,
            @Nullable Boolean renew,
            String metricName) {

        LockOptions over(LockOptions defaults) {
            LockOptions result = defaults.withMetricName(metricName);
            result = ttl == null ? result : result.withTtl(ttl);
            result = waitTime == null ? result : result.withWaitTime(waitTime);
            return renew == null ? result : result.withRenew(renew);
        }
    }

    private record Options(LockOptions defaults, LockOptions effective) {}
}
