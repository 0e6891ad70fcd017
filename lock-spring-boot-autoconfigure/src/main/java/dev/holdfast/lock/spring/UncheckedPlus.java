package dev.holdfast.lock.spring;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.CompoundExpression;
import org.springframework.expression.spel.ast.Indexer;
import org.springframework.expression.spel.ast.Literal;
import org.springframework.expression.spel.ast.MethodReference;
import org.springframework.expression.spel.ast.OpDivide;
import org.springframework.expression.spel.ast.OpMinus;
import org.springframework.expression.spel.ast.OpModulus;
import org.springframework.expression.spel.ast.OpMultiply;
import org.springframework.expression.spel.ast.OpPlus;
import org.springframework.expression.spel.ast.Selection;
import org.springframework.expression.spel.ast.Ternary;
import org.springframework.util.ClassUtils;

/**
 * Finds where SpEL itself would put texts together, with {@code null} for what is missing: within a call or a projection there is no
 * {@link KeyPart} to ask for a value. A {@code +} that surely adds numbers is not meant, nor one in what only chooses a value, as
 * conditions and indexes do.
 */
final class UncheckedPlus {

    /** Methods that give a number, whatever they are called on. */
    private static final Set<String> COUNTING = Set.of("hashCode", "length", "size", "ordinal");

    private UncheckedPlus() {}

    /** The first; null if there is none. */
    static @Nullable SpelNode find(SpelNode node, ExpressionScope scope) {
        return find(node, scope, false);
    }

    /** @param reckoned whether a text would be an error for what the value is an operand of */
    private static @Nullable SpelNode find(SpelNode node, ExpressionScope scope, boolean reckoned) {
        if (isPlus(node) && !reckoned && !adds(node.getChild(0), node.getChild(1), scope)) {
            return node;
        }
        if (node instanceof Indexer || node instanceof Selection) {
            return null;
        }
        boolean reckons = node instanceof OpMinus
                || node instanceof OpDivide
                || node instanceof OpModulus
                || isPlus(node) && reckoned;
        for (int i = node instanceof Ternary ? 1 : 0; i < node.getChildCount(); i++) {
            SpelNode found = find(node.getChild(i), scope, reckons);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Of two operands, not the sign of a number. */
    static boolean isPlus(SpelNode node) {
        return node instanceof OpPlus && node.getChildCount() == 2;
    }

    /** Null and a number is an error for SpEL too. */
    private static boolean adds(SpelNode left, SpelNode right, ExpressionScope scope) {
        return isNumberLiteral(left) || isNumberLiteral(right) || isNumber(left, scope) && isNumber(right, scope);
    }

    private static boolean isNumber(SpelNode node, ExpressionScope scope) {
        PropertyPath path = PropertyPath.of(node, scope);
        if (path != null) {
            Class<?> type = path.type(scope.method());
            return type != null && Number.class.isAssignableFrom(ClassUtils.resolvePrimitiveIfNecessary(type));
        }
        if (node instanceof CompoundExpression) {
            return node.getChild(node.getChildCount() - 1) instanceof MethodReference last
                    && last.getChildCount() == 0
                    && COUNTING.contains(last.getName());
        }
        if (node instanceof OpPlus || node instanceof OpMinus || node instanceof OpMultiply) {
            boolean all = true;
            for (int i = 0; i < node.getChildCount(); i++) {
                all &= isNumber(node.getChild(i), scope);
            }
            return all;
        }
        return isNumberLiteral(node);
    }

    private static boolean isNumberLiteral(SpelNode node) {
        return node instanceof Literal literal && literal.isNumberLiteral();
    }
}
