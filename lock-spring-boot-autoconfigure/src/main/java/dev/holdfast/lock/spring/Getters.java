package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.spel.support.ReflectivePropertyAccessor;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** The methods with which SpEL reads properties: {@code getId}, {@code isId}, {@code id}. Looked up once for each class and name. */
final class Getters extends ReflectivePropertyAccessor {

    private static final Getters RULES = new Getters();

    private static final ClassValue<Map<String, Optional<Method>>> KNOWN = new ClassValue<>() {
        @Override
        protected Map<String, Optional<Method>> computeValue(Class<?> type) {
            return new ConcurrentHashMap<>();
        }
    };

    private Getters() {}

    /** Null if there is none that can be called; of a {@link Class} SpEL reads static properties, which is not for here. */
    static @Nullable Method find(Class<?> type, String property) {
        Map<String, Optional<Method>> ofType = KNOWN.get(type);
        Optional<Method> known = ofType.get(property);
        if (known == null) {
            known = type == Class.class ? Optional.empty() : RULES.callable(type, property);
            ofType.put(property, known);
        }
        return known.orElse(null);
    }

    private Optional<Method> callable(Class<?> type, String property) {
        Method getter = findGetterForProperty(property, type, false);
        if (getter == null) {
            return Optional.empty();
        }
        Method accessible = ClassUtils.getPubliclyAccessibleMethodIfPossible(getter, type);
        try {
            ReflectionUtils.makeAccessible(accessible);
            return Optional.of(accessible);
        } catch (RuntimeException closedModule) {
            return Optional.empty();
        }
    }
}
