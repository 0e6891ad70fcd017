package dev.holdfast.lock.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.BooleanLiteral;
import org.springframework.expression.spel.ast.Literal;

/** Says of each call of one method whether it needs the lock. Immutable. */
final class LockCondition {

    private final ExpressionScope scope;
    private final String source;
    private final SpelNode expression;

    private LockCondition(ExpressionScope scope, String source, SpelNode expression) {
        this.scope = scope;
        this.source = source;
        this.expression = expression;
    }

    static LockCondition of(String source, ExpressionScope scope) {
        SpelNode expression = scope.parse("condition", source);
        if (expression instanceof Literal && !(expression instanceof BooleanLiteral)) {
            throw new InvalidLockDeclarationException(
                    scope.method(),
                    "has the condition " + source + ", which is neither true nor false",
                    "Write it as in condition = \"#order.total > 100\"");
        }
        return new LockCondition(scope, source, expression);
    }

    /** @throws IllegalArgumentException if it is neither true nor false: an error must not run the method without its lock */
    boolean holds(KeyRoot call) {
        Object value;
        try {
            value = expression.getValue(scope.context(call).state());
        } catch (EvaluationException failure) {
            throw new IllegalArgumentException(failed("cannot be evaluated: " + failure.getMessage()), failure);
        }
        if (value instanceof Boolean decided) {
            return decided;
        }
        throw new IllegalArgumentException(failed("is " + describe(value) + ", not true or false"));
    }

    private static String describe(@Nullable Object value) {
        return value == null ? "null" : "of type " + value.getClass().getName();
    }

    private String failed(String problem) {
        return scope.failed("condition", source, problem);
    }
}
