package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockOptions;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.expression.EvaluationContext;
import org.springframework.format.datetime.standard.DurationFormatterUtils;

/** Reads a {@link DistributedLock} into a {@link LockedMethod} and refuses what cannot work on that method. */
final class LockedMethodReader {

    private final Environment environment;
    private final EvaluationContext shared;

    LockedMethodReader(Environment environment, EvaluationContext shared) {
        this.environment = environment;
        this.shared = shared;
    }

    /** @param beanType the class that the method is called on, which has the fallback */
    LockedMethod read(DistributedLock annotation, Method method, Class<?> beanType) {
        ResultType resultType = ResultType.of(method, beanType);
        if (annotation.onBusy() == OnBusy.SKIP) {
            resultType.refuseSkip(method);
        }
        String name = text("name", annotation.name(), method);
        return new LockedMethod(
                method,
                what(annotation, method, name),
                overrides(annotation, method, name),
                new LockedMethod.Otherwise(
                        annotation.onBusy(), fallback(annotation, method, beanType), annotation.onLost()),
                resultType);
    }

    private LockedMethod.What what(DistributedLock annotation, Method method, String name) {
        ExpressionScope scope = new ExpressionScope(method, shared);
        LockKind kind = kind(annotation, method);
        String key = text("key", annotation.key(), method);
        String condition = text("condition", annotation.condition(), method);
        return new LockedMethod.What(
                List.of(name.isEmpty() ? qualifiedName(method) : name),
                key.isEmpty() ? null : LockKey.of(name, key, kind, scope),
                kind,
                condition.isEmpty() ? null : LockCondition.of(condition, scope),
                text("registry", annotation.registry(), method));
    }

    private @Nullable Fallback fallback(DistributedLock annotation, Method method, Class<?> beanType) {
        String name = text("fallback", annotation.fallback(), method);
        if (name.isEmpty()) {
            return null;
        }
        if (annotation.onBusy() == OnBusy.SKIP) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has a fallback and onBusy = SKIP, which are two answers to a busy lock",
                    "Leave one of them out");
        }
        return new FallbackReader(name, method, beanType).read();
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
        int permits = annotation.permits();
        if (permits == -1) {
            return 0;
        }
        if (permits < 1 || permits > LockOptions.MAX_PERMITS) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has permits = " + permits + ", which is out of range",
                    "Give 1 to " + LockOptions.MAX_PERMITS + ", or leave it out for a lock with one holder");
        }
        return permits;
    }

    private LockedMethod.Overrides overrides(DistributedLock annotation, Method method, String name) {
        LockOptions defaults = LockOptions.defaults();
        Duration maxHold = option("maxHold", annotation.maxHold(), method, defaults::withMaxHold);
        Duration holdAtLeast = option("holdAtLeast", annotation.holdAtLeast(), method, defaults::withHoldAtLeast);
        if (maxHold != null && !maxHold.isZero() && holdAtLeast != null && holdAtLeast.compareTo(maxHold) > 0) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has holdAtLeast = \"" + annotation.holdAtLeast() + "\", which is longer than maxHold = \""
                            + annotation.maxHold() + "\"",
                    "Change one of them: a lock cannot be kept longer than it may be held");
        }
        return new LockedMethod.Overrides(
                option("ttl", annotation.ttl(), method, defaults::withTtl),
                renew(annotation, method),
                option("waitTime", annotation.waitTime(), method, defaults::withWaitTime),
                maxHold,
                holdAtLeast,
                name.isEmpty() ? simpleName(method) : name);
    }

    private @Nullable Duration option(
            String attribute, String raw, Method method, Function<Duration, LockOptions> check) {
        Duration value = duration(attribute, raw, method);
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
