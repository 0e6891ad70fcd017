package dev.holdfast.lock.spring;

import dev.holdfast.lock.LockOptions;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.spel.SpelNode;
import org.springframework.util.ObjectUtils;

/** A parsed key: texts and values that are joined to one name, or, if one of the values is a collection, to a name for each element. */
final class KeyExpression {

    private final String prefix;
    private final LockKind kind;
    private final List<KeyPart> parts;
    private final boolean surelySeveral;

    private KeyExpression(String prefix, LockKind kind, List<KeyPart> parts, boolean surelySeveral) {
        this.prefix = prefix;
        this.kind = kind;
        this.parts = parts;
        this.surelySeveral = surelySeveral;
    }

    static KeyExpression of(String prefix, SpelNode ast, LockKind kind, ExpressionScope scope) {
        KeyPart whole = KeyPart.of(ast, scope);
        List<KeyPart> parts = whole instanceof KeyPart.Join join ? join.operands() : List.of(whole);
        return new KeyExpression(prefix, kind, parts, parts.stream().anyMatch(part -> isCollection(part, scope)));
    }

    /** Whether a list, or a parameter that is a collection or array, is part of it. */
    boolean isSurelySeveral() {
        return surelySeveral;
    }

    /** The names, without duplicates, in the order of the elements. */
    List<String> names(KeyContext context) {
        StringBuilder text = new StringBuilder(prefix.length() + 48).append(prefix);
        for (int i = 0; i < parts.size(); i++) {
            KeyPart part = parts.get(i);
            if (part instanceof KeyPart.Text literal) {
                text.append(literal.text());
                continue;
            }
            Object value = part.value(context);
            if (isSeveral(value)) {
                return names(text.toString(), elements(value), i, context);
            }
            text.append(KeyText.of(value, part.source()));
        }
        return List.of(text.toString());
    }

    private List<String> names(String before, Collection<?> elements, int index, KeyContext context) {
        String source = parts.get(index).source();
        if (!kind.takesSeveralNames()) {
            throw new IllegalArgumentException(source + " is a collection, but the method takes " + kind
                    + "; several names at once are locked exclusively only");
        }
        String after = after(index, context);
        String element = "an element of " + source;
        Set<String> names = new LinkedHashSet<>();
        for (Object value : elements) {
            names.add(before + KeyText.of(value, element) + after);
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException(source + " is empty; a condition can let such calls run without a lock");
        }
        if (names.size() > LockOptions.MAX_NAMES) {
            throw new IllegalArgumentException(source + " has " + names.size() + " different elements; at most "
                    + LockOptions.MAX_NAMES + " names can be locked at once");
        }
        return List.copyOf(names);
    }

    private String after(int index, KeyContext context) {
        StringBuilder text = new StringBuilder();
        for (KeyPart part : parts.subList(index + 1, parts.size())) {
            text.append(part.text(context));
        }
        return text.toString();
    }

    /** Not every {@code Iterable}: a {@code Path} is one too, of its parts. */
    private static boolean isSeveral(@Nullable Object value) {
        return value != null
                && !(value instanceof String)
                && (value instanceof Collection<?> || value.getClass().isArray());
    }

    private static Collection<?> elements(@Nullable Object value) {
        return value instanceof Collection<?> collection ? collection : Arrays.asList(ObjectUtils.toObjectArray(value));
    }

    private static boolean isCollection(KeyPart part, ExpressionScope scope) {
        if (part instanceof KeyPart.Several) {
            return true;
        }
        int parameter = part instanceof KeyPart.Value value && value.path() != null
                ? value.path().parameterItself()
                : -1;
        if (parameter < 0) {
            return false;
        }
        Class<?> type = scope.method().getParameterTypes()[parameter];
        return type.isArray() || Collection.class.isAssignableFrom(type);
    }
}
