package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.springframework.core.KotlinDetector;
import org.springframework.core.MethodParameter;
import org.springframework.core.Nullness;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.scheduling.annotation.Async;
import org.springframework.util.ClassUtils;

/**
 * When the result of a locked method is complete, and with what kind of value: for that long its lock is held.
 *
 * @param completion at the method's return, or later
 * @param value what the caller gets in the end
 * @param adapter to and from a Publisher; null where the result is one, or none at all
 */
record ResultType(
        Completion completion, Class<?> value, @Nullable ReactiveAdapter adapter) {

    enum Completion {
        AT_RETURN,
        /** A future of an {@link Async} method, which waits for it on a thread of its own. */
        AWAITED,
        FUTURE,
        /** At most one value, asked for by subscription. */
        ONE,
        MANY
    }

    private static final boolean REACTOR = isPresent("reactor.core.publisher.Flux");
    private static final boolean COROUTINES = REACTOR && isPresent("kotlinx.coroutines.reactor.MonoKt");

    /** By name, since Spring MVC is not ours to depend on. */
    private static final Set<String> RUN_LATER = Set.of(
            "org.springframework.web.context.request.async.DeferredResult",
            "org.springframework.web.context.request.async.WebAsyncTask",
            "org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter",
            "org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody");

    /**
     * @param beanType the class that the method is called on, which says what an inherited {@code R run()} returns
     * @throws InvalidLockDeclarationException if nobody can tell when the result is complete
     */
    static ResultType of(Method method, Class<?> beanType) {
        ResolvableType returned = ResolvableType.forMethodReturnType(method, beanType);
        Class<?> type = returned.resolve(method.getReturnType());
        if (KotlinDetector.isSuspendingFunction(method)) {
            return ofSuspending(method);
        }
        if (Future.class.isAssignableFrom(type) && isAsync(method, beanType)) {
            return new ResultType(Completion.AWAITED, valueOf(returned, Future.class), null);
        }
        if (type == CompletionStage.class || type == CompletableFuture.class) {
            return new ResultType(Completion.FUTURE, valueOf(returned, CompletionStage.class), null);
        }
        if (CompletionStage.class.isAssignableFrom(type)) {
            throw tooEarly(method, type, "Return a CompletionStage or CompletableFuture");
        }
        if (Future.class.isAssignableFrom(type)) {
            throw tooEarly(method, type, "Return a CompletableFuture, which tells when it is complete");
        }
        if (runsLater(type)) {
            throw tooEarly(
                    method, type, "Lock a method of another bean that does the work, and call it from what runs later");
        }
        return ofPublisher(method, returned, type);
    }

    private static ResultType ofPublisher(Method method, ResolvableType returned, Class<?> type) {
        ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(type);
        if (!REACTOR && (adapter != null || Flow.Publisher.class.isAssignableFrom(type))) {
            throw tooEarly(method, type, "Add io.projectreactor:reactor-core, with which such results are locked");
        }
        if (adapter == null) {
            return new ResultType(Completion.AT_RETURN, type, null);
        }
        if (!type.isAssignableFrom(adapter.getReactiveType())) {
            throw tooEarly(method, type, "Return a " + adapter.getReactiveType().getSimpleName());
        }
        return new ResultType(
                adapter.isMultiValue() ? Completion.MANY : Completion.ONE,
                valueOf(returned, adapter.getReactiveType()),
                adapter);
    }

    /** Spring's proxies show a suspending function as a Mono, or as a Flux if it returns a Flow. */
    private static ResultType ofSuspending(Method method) {
        if (!COROUTINES) {
            throw new InvalidLockDeclarationException(
                    method,
                    "is a suspending function, which Spring's proxies know only with coroutines for Reactor",
                    "Add org.jetbrains.kotlinx:kotlinx-coroutines-reactor");
        }
        Class<?> value = new MethodParameter(method, -1).getParameterType();
        if (value.getName().equals("kotlinx.coroutines.flow.Flow")) {
            return new ResultType(Completion.MANY, Object.class, null);
        }
        if (Future.class.isAssignableFrom(value)
                || CompletionStage.class.isAssignableFrom(value)
                || ReactiveAdapterRegistry.getSharedInstance().getAdapter(value) != null) {
            throw tooEarly(method, value, "Await the result inside the function, or drop the suspend modifier");
        }
        return new ResultType(Completion.ONE, value, null);
    }

    boolean isSubscribedTo() {
        return completion == Completion.ONE || completion == Completion.MANY;
    }

    /** What a call results in that did not run because the lock was busy. */
    @Nullable
    Object skipped() {
        Object nothing = value == Optional.class ? Optional.empty() : null;
        return completion == Completion.AWAITED ? CompletableFuture.completedFuture(nothing) : nothing;
    }

    /** @throws InvalidLockDeclarationException if there is no value for 'skipped' */
    void refuseSkip(Method method) {
        Class<?> type = method.getReturnType();
        if (type.isPrimitive() && type != void.class) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has onBusy = SKIP, but returns the primitive type " + type + ", which has no value for 'skipped'",
                    "Return " + ClassUtils.resolvePrimitiveIfNecessary(type).getSimpleName()
                            + " or an Optional, or use onBusy = THROW");
        }
        if (adapter != null && !adapter.supportsEmpty()) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has onBusy = SKIP, but returns a "
                            + adapter.getReactiveType().getSimpleName()
                            + ", which cannot be empty and so has no value for 'skipped'",
                    "Return a type that can be empty, or use onBusy = THROW");
        }
        if (neverNull(method)) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has onBusy = SKIP, but is a Kotlin function whose result is never null, so it has no value for 'skipped'",
                    "Return " + value.getSimpleName() + "? or an Optional, or use onBusy = THROW");
        }
    }

    private boolean neverNull(Method method) {
        boolean nullWhenSkipped = completion == Completion.AT_RETURN
                || completion == Completion.ONE && adapter == null && value != Optional.class;
        return nullWhenSkipped
                && skipped() == null
                && value != void.class
                && value != Void.class
                && !value.getName().equals("kotlin.Unit")
                && KotlinDetector.isKotlinReflectPresent()
                && KotlinDetector.isKotlinType(method.getDeclaringClass())
                && Nullness.forMethodReturnType(method) == Nullness.NON_NULL;
    }

    private static Class<?> valueOf(ResolvableType returned, Class<?> type) {
        return returned.as(type).getGeneric(0).resolve(Object.class);
    }

    private static boolean isAsync(Method method, Class<?> beanType) {
        return AnnotatedElementUtils.hasAnnotation(method, Async.class)
                || AnnotatedElementUtils.hasAnnotation(beanType, Async.class);
    }

    private static boolean runsLater(Class<?> type) {
        if (type == Callable.class) {
            return true;
        }
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            if (RUN_LATER.contains(each.getName())) {
                return true;
            }
        }
        return false;
    }

    private static InvalidLockDeclarationException tooEarly(Method method, Class<?> type, String action) {
        return new InvalidLockDeclarationException(
                method,
                "returns a result that is not complete when the method returns (" + type.getSimpleName()
                        + "), so the lock would be released too early",
                action);
    }

    private static boolean isPresent(String type) {
        return ClassUtils.isPresent(type, ResultType.class.getClassLoader());
    }
}
