package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockNotAcquiredException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.KotlinDetector;
import org.springframework.util.ReflectionUtils;

/**
 * The methods that answer for a locked one when its lock could not be taken; several, if they take different exceptions. Called on the
 * bean itself, so without a lock and without other advice. Thread-safe.
 */
final class Fallback {

    private final List<Variant> variants;

    /** @param variants each checked by {@link FallbackReader} */
    Fallback(List<Variant> variants) {
        this.variants = variants.stream()
                .sorted(Comparator.comparingInt(Variant::depth).reversed())
                .toList();
    }

    /** Whether one of them takes this failure. */
    boolean accepts(LockException failure) {
        return variants.stream().anyMatch(variant -> variant.accepts(failure));
    }

    /** Calls the one whose exception is nearest to the failure, which must be {@linkplain #accepts accepted}. */
    @Nullable
    Object call(KeyRoot call, LockException failure) throws Throwable {
        for (Variant variant : variants) {
            if (variant.accepts(failure)) {
                return variant.call(call, failure);
            }
        }
        throw failure;
    }

    /** @param exception the type of the parameter after those of the method; null if there is none, which means: the lock was busy */
    record Variant(Method method, @Nullable Class<?> exception) {

        Variant {
            ReflectionUtils.makeAccessible(method);
        }

        boolean accepts(LockException failure) {
            return exception == null ? failure instanceof LockNotAcquiredException : exception.isInstance(failure);
        }

        /** How far from the root of all classes: of two types that accept a failure, the deeper one is nearer. */
        int depth() {
            int depth = 0;
            for (Class<?> type = exception; type != null; type = type.getSuperclass()) {
                depth++;
            }
            return depth;
        }

        @Nullable
        Object call(KeyRoot call, LockException failure) throws Throwable {
            @Nullable Object[] arguments = exception == null ? call.args() : with(failure, call.args());
            // Knows suspending functions too.
            return AopUtils.invokeJoinpointUsingReflection(call.target(), method, arguments);
        }

        /** A suspending function has its continuation at the end. */
        private @Nullable Object[] with(LockException failure, @Nullable Object[] args) {
            List<@Nullable Object> arguments = new ArrayList<>(Arrays.asList(args));
            arguments.add(KotlinDetector.isSuspendingFunction(method) ? args.length - 1 : args.length, failure);
            return arguments.toArray();
        }
    }
}
