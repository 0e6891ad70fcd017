package dev.holdfast.lock.spring;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.EvaluationException;

/** The key of one method, which says for each call what it locks. Immutable. */
final class LockKey {

    private final ExpressionScope scope;
    private final String source;
    private final KeyExpression expression;

    private LockKey(ExpressionScope scope, String source, KeyExpression expression) {
        this.scope = scope;
        this.source = source;
        this.expression = expression;
    }

    /** @param name put before each value, with a colon; may be empty */
    static LockKey of(String name, String source, LockKind kind, ExpressionScope scope) {
        KeyExpression expression =
                KeyExpression.of(name.isEmpty() ? "" : name + ":", scope.parse("key", source), kind, scope);
        if (expression.isSurelySeveral() && !kind.takesSeveralNames()) {
            throw new InvalidLockDeclarationException(
                    scope.method(),
                    "has the key " + source + ", which is a collection, but takes " + kind,
                    "Several names at once are locked exclusively only: leave mode and permits out, or give one value");
        }
        return new LockKey(scope, source, expression);
    }

    /** @throws IllegalArgumentException if the key, or an element of it, has no value */
    List<String> names(KeyRoot call) {
        try {
            return expression.names(scope.context(call));
        } catch (IllegalArgumentException noValue) {
            throw new IllegalArgumentException(failed(noValue.getMessage()), noValue);
        } catch (EvaluationException failure) {
            throw new IllegalArgumentException(failed(failure.getMessage()), failure);
        }
    }

    private String failed(@Nullable String reason) {
        return scope.failed("key", source, "has no value: " + reason);
    }
}
