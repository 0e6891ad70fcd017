package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Knows which methods are locked, and how. An annotation on the method wins over one on its class, and the implementation over its
 * interface; the same rules as for {@code @Transactional}.
 */
final class LockedMethods {

    private final LockedMethodReader reader;
    private final Map<MethodClassKey, LockedMethod> resolved = new ConcurrentHashMap<>();

    LockedMethods(LockedMethodReader reader) {
        this.reader = reader;
    }

    static boolean isLocked(Method method, Class<?> targetClass) {
        return annotation(method, targetClass) != null;
    }

    /** @throws InvalidLockDeclarationException if the annotation cannot do what it says */
    LockedMethod get(Method method, Class<?> targetClass) {
        MethodClassKey key = new MethodClassKey(method, targetClass);
        LockedMethod known = resolved.get(key);
        // Not computeIfAbsent, which would lock a bin on the hot path of other methods; a method resolved twice does no
        // harm.
        return known != null ? known : resolve(key, method, targetClass);
    }

    /** Those asked for so far: all of the beans there are. */
    Collection<LockedMethod> known() {
        return List.copyOf(resolved.values());
    }

    private LockedMethod resolve(MethodClassKey key, Method method, Class<?> targetClass) {
        DistributedLock annotation = annotation(method, targetClass);
        if (annotation == null) {
            throw new IllegalStateException("No @DistributedLock on " + method + "; it does not run without its lock");
        }
        LockedMethod created = reader.read(annotation, specific(method, targetClass), targetClass);
        LockedMethod other = resolved.putIfAbsent(key, created);
        return other != null ? other : created;
    }

    private static @Nullable DistributedLock annotation(Method method, Class<?> targetClass) {
        Method specific = specific(method, targetClass);
        DistributedLock found = onMethodOrClass(specific);
        // A repository's proxy reports a target class that does not implement the annotated interface.
        return found == null && specific != method ? onMethodOrClass(method) : found;
    }

    /** A generated proxy behind ours has the method too, but neither its annotations nor its parameter names. */
    private static Method specific(Method method, Class<?> targetClass) {
        return Proxy.isProxyClass(targetClass) ? method : AopUtils.getMostSpecificMethod(method, targetClass);
    }

    private static @Nullable DistributedLock onMethodOrClass(Method method) {
        DistributedLock onMethod = AnnotatedElementUtils.findMergedAnnotation(method, DistributedLock.class);
        if (onMethod != null || !isCoveredByClass(method)) {
            return onMethod;
        }
        return AnnotatedElementUtils.findMergedAnnotation(method.getDeclaringClass(), DistributedLock.class);
    }

    private static boolean isCoveredByClass(Method method) {
        return !Modifier.isPrivate(method.getModifiers())
                && !Modifier.isStatic(method.getModifiers())
                && !method.isSynthetic()
                && !ReflectionUtils.isObjectMethod(method);
    }
}
