package dev.holdfast.lock.spring;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns a value of a key expression into text, and refuses what would lock something else than meant. */
final class KeyText {

    private static final ClassValue<Boolean> HAS_TEXT = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            try {
                return type.getMethod("toString").getDeclaringClass() != Object.class;
            } catch (NoSuchMethodException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    };

    private KeyText() {}

    /** @param source what has the value, for messages */
    static String of(@Nullable Object value, String source) {
        if (value instanceof String || value instanceof Number) {
            return notBlank(value.toString(), source);
        }
        if (value instanceof Optional<?> optional) {
            return of(optional.orElse(null), source);
        }
        if (value == null) {
            throw new IllegalArgumentException(source + " is null");
        }
        if (value instanceof Enum<?> constant) {
            return constant.name();
        }
        if (value instanceof Iterable<?>
                || value instanceof Map<?, ?>
                || value.getClass().isArray()) {
            throw new IllegalArgumentException(source
                    + " is a collection or map; give one value, or a collection of values as one part of the key");
        }
        // Object.toString differs from object to object, so no two calls would exclude each other.
        if (!HAS_TEXT.get(value.getClass())) {
            throw new IllegalArgumentException(source + " is a "
                    + value.getClass().getName() + ", which has no toString(); use one of its properties");
        }
        return notBlank(value.toString(), source);
    }

    private static String notBlank(@Nullable String text, String source) {
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException(source + " is blank");
        }
        return text;
    }
}
