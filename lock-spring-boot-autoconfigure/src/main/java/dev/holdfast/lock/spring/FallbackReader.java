package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockConflictException;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockNotAcquiredException;
import dev.holdfast.lock.LockUnavailableException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.KotlinDetector;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Finds the fallback of a locked method by its name, and refuses what could not answer for that method. */
final class FallbackReader {

    /** What can be thrown while a lock is taken, and what is above it. */
    private static final List<Class<?>> THROWN =
            List.of(LockNotAcquiredException.class, LockUnavailableException.class, LockConflictException.class);

    private final String name;
    private final Method method;
    private final Class<?> beanType;
    private final List<Class<?>> parameters;
    private final boolean suspending;

    FallbackReader(String name, Method method, Class<?> beanType) {
        this.name = name;
        this.method = method;
        this.beanType = beanType;
        this.parameters = parameters(method);
        this.suspending = KotlinDetector.isSuspendingFunction(method);
    }

    Fallback read() {
        if (beanType.isInterface()) {
            throw invalid(
                    "needs an implementation of its own, which this bean of the interface " + beanType.getName()
                            + " does not have",
                    "Put the annotation on a class that calls it");
        }
        List<Method> named = distinct(ReflectionUtils.getUniqueDeclaredMethods(
                beanType, candidate -> candidate.getName().equals(name) && !candidate.isSynthetic()));
        if (named.isEmpty()) {
            throw invalid("does not exist in " + beanType.getName(), "Add " + expected());
        }
        List<Fallback.Variant> variants = new ArrayList<>();
        for (Method candidate : named) {
            Class<?> exception = exception(candidate);
            if ((exception != null || parameters(candidate).equals(parameters)) && !isMethodItself(candidate)) {
                variants.add(variant(candidate, exception));
            }
        }
        if (named.stream().allMatch(this::isMethodItself)) {
            throw invalid("is the locked method itself", "Name another one: " + expected());
        }
        if (variants.isEmpty()) {
            throw invalid("has other parameters: " + describe(named), "Make it " + expected());
        }
        refuseAmbiguity(variants);
        return new Fallback(variants);
    }

    private Fallback.Variant variant(Method fallback, @Nullable Class<?> exception) {
        if (Modifier.isStatic(fallback.getModifiers())) {
            throw invalid("is static", "Make it a method of the bean");
        }
        if (exception != null && !isThrown(exception)) {
            throw invalid(
                    "takes " + exception.getSimpleName() + ", which is never thrown while a lock is taken",
                    "Take LockNotAcquiredException (busy), LockUnavailableException (etcd does not answer) or LockException"
                            + " (both)");
        }
        if (AnnotatedElementUtils.hasAnnotation(fallback, DistributedLock.class)) {
            throw invalid(
                    "is annotated itself, but it is called on the bean directly, without a lock",
                    "Let it call another bean that takes the lock");
        }
        if (KotlinDetector.isSuspendingFunction(fallback) != suspending) {
            throw invalid(
                    suspending
                            ? "is not a suspending function, as the locked one is"
                            : "is a suspending function, which the locked method is not",
                    "Make it " + expected());
        }
        refuseReturnType(fallback);
        refuseCheckedExceptions(fallback);
        return new Fallback.Variant(fallback, exception);
    }

    private void refuseReturnType(Method fallback) {
        ResolvableType wanted = ResolvableType.forMethodReturnType(method, beanType);
        ResolvableType given = ResolvableType.forMethodReturnType(fallback, beanType);
        boolean rawFits = wanted.toClass().isAssignableFrom(given.toClass())
                || wanted.toClass().isAssignableFrom(ClassUtils.resolvePrimitiveIfNecessary(given.toClass()));
        boolean genericsFit = wanted.isAssignableFrom(given)
                || wanted.hasUnresolvableGenerics()
                || given.hasUnresolvableGenerics()
                || fallback.getReturnType().isPrimitive();
        if (!rawFits || !genericsFit) {
            throw invalid("returns " + given + " instead of " + wanted, "Make it " + expected());
        }
    }

    /** The caller of the locked method would get them in an UndeclaredThrowableException. */
    private void refuseCheckedExceptions(Method fallback) {
        for (Class<?> thrown : fallback.getExceptionTypes()) {
            boolean checked = !RuntimeException.class.isAssignableFrom(thrown) && !Error.class.isAssignableFrom(thrown);
            if (checked && !ReflectionUtils.declaresException(method, thrown)) {
                throw invalid(
                        "declares " + thrown.getSimpleName() + ", which " + method.getName() + " does not",
                        "Declare it there too, or throw an unchecked exception");
            }
        }
    }

    private void refuseAmbiguity(List<Fallback.Variant> variants) {
        boolean plain = variants.stream().anyMatch(variant -> variant.exception() == null);
        boolean forBusy = variants.stream()
                .anyMatch(variant -> variant.exception() != null
                        && variant.exception().isAssignableFrom(LockNotAcquiredException.class));
        if (plain && forBusy) {
            throw invalid(
                    "is there with and without an exception, and both mean a busy lock",
                    "Give one of them another name");
        }
    }

    /** The type of the parameter that comes after those of the locked method; null if there is none. */
    private @Nullable Class<?> exception(Method candidate) {
        List<Class<?>> all = parameters(candidate);
        int own = parameters.size();
        boolean oneMore = all.size() == own + 1 && all.subList(0, own).equals(parameters);
        return oneMore && Throwable.class.isAssignableFrom(all.get(own)) ? all.get(own) : null;
    }

    private static boolean isThrown(Class<?> exception) {
        return exception.isAssignableFrom(LockException.class) || THROWN.contains(exception);
    }

    private boolean isMethodItself(Method candidate) {
        return candidate.getName().equals(method.getName())
                && parameters(candidate).equals(parameters);
    }

    /** A method of a generic superclass comes again after the one that overrides it. */
    private List<Method> distinct(Method[] methods) {
        Map<List<Class<?>>, Method> bySignature = new LinkedHashMap<>();
        for (Method candidate : methods) {
            bySignature.putIfAbsent(parameters(candidate), candidate);
        }
        return List.copyOf(bySignature.values());
    }

    /** With the types that the class of the bean gives to type variables; without the continuation of a suspending function. */
    private List<Class<?>> parameters(Method of) {
        int stated = of.getParameterCount() - (KotlinDetector.isSuspendingFunction(of) ? 1 : 0);
        return IntStream.range(0, stated)
                .<Class<?>>mapToObj(
                        i -> ResolvableType.forMethodParameter(of, i, beanType).toClass())
                .toList();
    }

    private InvalidLockDeclarationException invalid(String problem, String action) {
        return new InvalidLockDeclarationException(
                method, "has fallback = \"" + name + "\", a method that " + problem, action);
    }

    private String expected() {
        String types = names(parameters);
        String result = (suspending ? "suspending " : "") + ResolvableType.forMethodReturnType(method, beanType);
        return result + " " + name + "(" + types + ") or " + name + "(" + (types.isEmpty() ? "" : types + ", ")
                + "LockException)";
    }

    private String describe(List<Method> named) {
        return named.stream()
                .map(candidate -> name + "(" + names(parameters(candidate)) + ")")
                .collect(Collectors.joining(", "));
    }

    private static String names(List<Class<?>> types) {
        return types.stream().map(Class::getSimpleName).collect(Collectors.joining(", "));
    }
}
