package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;

/**
 * Tells a native image what the locks of a bean reach by reflection: the annotated methods, which the check at start-up looks for, and
 * what expressions and fallbacks call. Runs at build time, when not every placeholder has a value yet.
 */
final class LockedBeanAotProcessor implements BeanRegistrationAotProcessor {

    @Override
    public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
        Class<?> type = ClassUtils.getUserClass(bean.getBeanClass());
        Map<Method, MergedAnnotation<DistributedLock>> locked = lockedMethods(type);
        if (locked.isEmpty()) {
            return null;
        }
        LockHints hints = new LockHints(bean.getBeanFactory(), type);
        return (context, code) ->
                locked.forEach((method, annotation) -> hints.register(context.getRuntimeHints(), method, annotation));
    }

    private static Map<Method, MergedAnnotation<DistributedLock>> lockedMethods(Class<?> type) {
        Map<Method, MergedAnnotation<DistributedLock>> found = new LinkedHashMap<>();
        if (typesOf(type).noneMatch(each -> AnnotationUtils.isCandidateClass(each, DistributedLock.class))) {
            return found;
        }
        Set<Method> methods = new LinkedHashSet<>(MethodIntrospector.selectMethods(
                type, (Method method) -> !method.isSynthetic() && LockedMethods.isLocked(method, type)));
        for (Method method : methods) {
            MergedAnnotation<DistributedLock> onMethod =
                    annotation(MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY));
            found.put(
                    method,
                    onMethod.isPresent()
                            ? onMethod
                            : annotation(
                                    MergedAnnotations.from(method.getDeclaringClass(), SearchStrategy.TYPE_HIERARCHY)));
        }
        return found;
    }

    private static Stream<Class<?>> typesOf(Class<?> type) {
        return Stream.concat(Stream.of(type), ClassUtils.getAllInterfacesForClassAsSet(type).stream());
    }

    private static MergedAnnotation<DistributedLock> annotation(MergedAnnotations annotations) {
        return annotations.get(DistributedLock.class);
    }
}
