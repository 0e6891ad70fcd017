package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockOptions;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.env.Environment;
import org.springframework.expression.EvaluationContext;
import org.springframework.format.datetime.standard.DurationFormatterUtils;
import org.springframework.util.ClassUtils;

/** Reads a {@link DistributedLock} into a {@link LockedMethod} and refuses what cannot work on that method. */
final class LockedMethodReader {

    private final Environment environment;
    private final EvaluationContext shared;

    LockedMethodReader(Environment environment, EvaluationContext shared) {
        this.environment = environment;
        this.shared = shared;
    }

    LockedMethod read(DistributedLock annotation, Method method) {
        refuseUnsupportedReturnType(annotation, method);
        String name = text("name", annotation.name(), method);
        String key = text("key", annotation.key(), method);
        LockKey lockKey = key.isEmpty() ? null : LockKey.of(key, method, shared);
        return new LockedMethod(
                method,
                name.isEmpty() && lockKey == null ? qualifiedName(method) : name,
                lockKey,
                text("registry", annotation.registry(), method),
                kind(annotation, method),
                overrides(annotation, method, name),
                annotation.onBusy(),
                annotation.onLost());
    }

    private static LockKind kind(DistributedLock annotation, Method method) {
        int permits = permits(annotation, method);
        if (permits > 0 && annotation.mode() == LockMode.SHARED) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has permits = " + permits + " and mode = SHARED, which are two kinds of lock",
                    "Give permits to limit how many hold the lock at once, or SHARED for readers that exclude writers");
        }
        return new LockKind(annotation.mode(), permits);
    }

    private static int permits(DistributedLock annotation, Method method) {
        int[] permits = annotation.permits();
        if (permits.length == 0) {
            return 0;
        }
        if (permits.length > 1) {
            throw new InvalidLockDeclarationException(method, "gives several values for permits", "Give one number");
        }
        if (permits[0] < 1 || permits[0] > LockOptions.MAX_PERMITS) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has permits = " + permits[0] + ", which is out of range",
                    "Give 1 to " + LockOptions.MAX_PERMITS + ", or leave it out for a lock with one holder");
        }
        return permits[0];
    }

    private LockedMethod.Overrides overrides(DistributedLock annotation, Method method, String name) {
        Duration maxHold = positive("maxHold", annotation.maxHold(), method);
        Duration holdAtLeast = positive("holdAtLeast", annotation.holdAtLeast(), method);
        if (maxHold != null && holdAtLeast != null && holdAtLeast.compareTo(maxHold) > 0) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has holdAtLeast = " + holdAtLeast + ", which is longer than maxHold = " + maxHold,
                    "A lock cannot be kept longer than it may be held: change one of them");
        }
        return new LockedMethod.Overrides(
                ttl(annotation, method),
                renew(annotation, method),
                waitTime(annotation, method),
                maxHold,
                holdAtLeast,
                name.isEmpty() ? simpleName(method) : name);
    }

    private @Nullable Duration ttl(DistributedLock annotation, Method method) {
        Duration ttl = duration("ttl", annotation.ttl(), method);
        return checked("ttl", annotation.ttl(), method, ttl, LockOptions.defaults()::withTtl);
    }

    private @Nullable Duration waitTime(DistributedLock annotation, Method method) {
        Duration waitTime = duration("waitTime", annotation.waitTime(), method);
        return checked("waitTime", annotation.waitTime(), method, waitTime, LockOptions.defaults()::withWaitTime);
    }

    private @Nullable Duration positive(String attribute, String raw, Method method) {
        Duration duration = duration(attribute, raw, method);
        return checked(
                attribute,
                raw,
                method,
                duration,
                attribute.equals("maxHold")
                        ? LockOptions.defaults()::withMaxHold
                        : LockOptions.defaults()::withHoldAtLeast);
    }

    private static @Nullable Boolean renew(DistributedLock annotation, Method method) {
        return switch (annotation.renew().length) {
            case 0 -> null;
            case 1 -> annotation.renew()[0];
            default ->
                throw new InvalidLockDeclarationException(
                        method, "gives several values for renew", "Give one: true or false");
        };
    }

    private String text(String attribute, String raw, Method method) {
        String text;
        try {
            text = environment.resolveRequiredPlaceholders(raw).strip();
        } catch (IllegalArgumentException unresolved) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has " + attribute + " = \"" + raw + "\", which cannot be resolved (" + unresolved.getMessage()
                            + ")",
                    "Set that property, or give a default as in ${name:default}");
        }
        if (text.isEmpty() && !raw.isEmpty()) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has " + attribute + " = \"" + raw + "\", which is blank",
                    "Give it a value or leave it out");
        }
        return text;
    }

    private @Nullable Duration duration(String attribute, String raw, Method method) {
        String text = text(attribute, raw, method);
        if (text.isEmpty()) {
            return null;
        }
        try {
            // A bare number would be read as milliseconds, which nobody means here.
            if (!Character.isDigit(text.charAt(text.length() - 1))) {
                return DurationFormatterUtils.detectAndParse(text);
            }
        } catch (IllegalArgumentException notADuration) {
            // Told below.
        }
        throw new InvalidLockDeclarationException(
                method,
                "has " + attribute + " = " + quoted(raw, text) + ", which is not a duration",
                "Write it with a unit, as in 30s or PT30S");
    }

    private static @Nullable Duration checked(
            String attribute,
            String raw,
            Method method,
            @Nullable Duration value,
            java.util.function.Function<Duration, LockOptions> check) {
        try {
            if (value != null) {
                check.apply(value);
            }
            return value;
        } catch (IllegalArgumentException outOfRange) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has " + attribute + " = \"" + raw + "\", which is out of range",
                    "Change it: " + outOfRange.getMessage());
        }
    }

    private static void refuseUnsupportedReturnType(DistributedLock annotation, Method method) {
        Class<?> type = method.getReturnType();
        if (isAsynchronous(method)) {
            throw new InvalidLockDeclarationException(
                    method,
                    "returns a result that is not complete when the method returns (" + type.getSimpleName()
                            + "), so the lock would be released too early",
                    "Lock a method that waits for the result, or use LeaseLock.tryAcquireAsync and release the handle on completion");
        }
        if (annotation.onBusy() == OnBusy.SKIP && type.isPrimitive() && type != void.class) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has onBusy = SKIP, but returns the primitive type " + type + ", which has no value for 'skipped'",
                    "Return " + ClassUtils.resolvePrimitiveIfNecessary(type).getSimpleName()
                            + " or an Optional, or use onBusy = THROW");
        }
    }

    private static boolean isAsynchronous(Method method) {
        Class<?> type = method.getReturnType();
        if (type == Object.class) {
            Class<?>[] parameters = method.getParameterTypes();
            return parameters.length > 0
                    && parameters[parameters.length - 1].getName().equals("kotlin.coroutines.Continuation");
        }
        return CompletionStage.class.isAssignableFrom(type)
                || Future.class.isAssignableFrom(type)
                || Flow.Publisher.class.isAssignableFrom(type)
                || ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null;
    }

    private static String quoted(String raw, String resolved) {
        return raw.equals(resolved) ? "\"" + raw + "\"" : "\"" + raw + "\" (resolved to \"" + resolved + "\")";
    }

    private static String qualifiedName(Method method) {
        return method.getDeclaringClass().getName() + "." + method.getName();
    }

    private static String simpleName(Method method) {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName();
    }
}
