package dev.holdfast.lock.spring;

import dev.holdfast.lock.LeaseLock;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LockRegistry;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

/**
 * One method with everything its {@link DistributedLock} says, resolved once: placeholders, durations, expressions, fallback.
 * Thread-safe. What it leaves open comes from the registry, which must not be asked for before the first call.
 */
final class LockedMethod {

    private final Method method;
    private final What what;
    private final Overrides overrides;
    private final Otherwise otherwise;
    private final ResultType resultType;

    private volatile @Nullable Options options;

    LockedMethod(Method method, What what, Overrides overrides, Otherwise otherwise, ResultType resultType) {
        this.method = method;
        this.what = what;
        this.overrides = overrides;
        this.otherwise = otherwise;
        this.resultType = resultType;
    }

    Method method() {
        return method;
    }

    /** Name or qualifier of its registry; empty: the one that would be injected. */
    String registry() {
        return what.registry;
    }

    /**
     * Whether this call needs the lock at all.
     *
     * @throws IllegalArgumentException if its condition is neither true nor false
     */
    boolean isLocked(KeyRoot call) {
        return what.condition == null || what.condition.holds(call);
    }

    /**
     * What the call locks: one name, or the distinct names of all elements of its key.
     *
     * @throws IllegalArgumentException if the key has no value
     */
    List<String> names(KeyRoot call) {
        return what.key == null ? what.names : what.key.names(call);
    }

    LockKind kind() {
        return what.kind;
    }

    /** The lock of these names, of the method's kind and with its options. */
    LeaseLock lock(LockRegistry registry, List<String> names) {
        return what.kind.lock(registry, names, options(registry.defaults()));
    }

    OnLost onLost() {
        return otherwise.onLost;
    }

    /** Whether a lock that stayed busy is no error. */
    boolean skipsWhenBusy() {
        return otherwise.onBusy == OnBusy.SKIP;
    }

    /** The result of a call that did not run because the lock was busy. */
    @Nullable
    Object skipped() {
        return resultType.skipped();
    }

    ResultType resultType() {
        return resultType;
    }

    /** Goes on to the method, and on to the end of its future if Spring would wait for that on this thread. */
    @Nullable
    Object proceed(MethodInvocation invocation) throws Throwable {
        return resultType.completion() == ResultType.Completion.AWAITED
                ? AwaitedFuture.proceed(invocation)
                : invocation.proceed();
    }

    /** Whether a call whose lock could not be taken for this reason is answered by {@link #fallBack}. */
    boolean fallsBackOn(LockException failure) {
        return otherwise.fallback != null && otherwise.fallback.accepts(failure);
    }

    /** The answer of the fallback to a call that did not run; or what the fallback throws. */
    @Nullable
    Object fallBack(KeyRoot call, LockException failure) throws Throwable {
        if (otherwise.fallback == null) {
            throw failure;
        }
        return otherwise.fallback.call(call, failure);
    }

    /** @throws InvalidLockDeclarationException if what the annotation says contradicts the defaults of that registry */
    void verifyOptions(LockRegistry registry) {
        LockOptions defaults = registry.defaults();
        // Null of a mock in a test, which may never be asked for a lock.
        if (defaults != null) {
            options(defaults);
        }
    }

    /** What the annotation says over {@code defaults}; computed once per registry. */
    private LockOptions options(LockOptions defaults) {
        Options cached = options;
        if (cached == null || cached.defaults != defaults) {
            cached = new Options(defaults, over(defaults));
            options = cached;
        }
        return cached.effective;
    }

    private LockOptions over(LockOptions defaults) {
        try {
            return overrides.over(defaults);
        } catch (IllegalArgumentException contradiction) {
            throw new InvalidLockDeclarationException(
                    method,
                    "contradicts the defaults of its lock registry: " + contradiction.getMessage(),
                    "State both on the method, or change the defaults");
        }
    }

    /**
     * What is locked.
     *
     * @param names of a method without key
     * @param registry name or qualifier of it; empty: the one that would be injected
     */
    record What(
            List<String> names,
            @Nullable LockKey key,
            LockKind kind,
            @Nullable LockCondition condition,
            String registry) {}

    /** What happens when the lock is not there. */
    record Otherwise(OnBusy onBusy, @Nullable Fallback fallback, OnLost onLost) {}

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
