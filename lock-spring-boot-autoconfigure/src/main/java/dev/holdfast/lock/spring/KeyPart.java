package dev.holdfast.lock.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.TypedValue;
import org.springframework.expression.common.ExpressionUtils;
import org.springframework.expression.spel.ExpressionState;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.CompoundExpression;
import org.springframework.expression.spel.ast.Elvis;
import org.springframework.expression.spel.ast.InlineList;
import org.springframework.expression.spel.ast.StringLiteral;
import org.springframework.expression.spel.ast.Ternary;

/**
 * A part of a key expression. SpEL alone would make {@code 'order:' + #id} the text {@code order:null} when there is no id, one lock
 * for all such calls; so whatever joins texts is evaluated here, and each operand must have a value.
 */
sealed interface KeyPart {

    @Nullable
    Object value(KeyContext context);

    /** As it is written, for messages. */
    String source();

    /**
     * Its value as a part of a name.
     *
     * @throws IllegalArgumentException if it has none
     */
    default String text(KeyContext context) {
        return KeyText.of(value(context), source());
    }

    /** @throws InvalidLockDeclarationException if texts are joined where nobody could see that a part is missing */
    static KeyPart of(SpelNode node, ExpressionScope scope) {
        String source = node.toStringAST();
        if (node instanceof StringLiteral literal) {
            return new Text(String.valueOf(literal.getLiteralValue().getValue()), source);
        }
        if (isConcatenation(node)) {
            List<KeyPart> operands = new ArrayList<>();
            collectOperands(node, operands, scope);
            return new Join(List.copyOf(operands), source);
        }
        if (UncheckedPlus.isPlus(node)) {
            return new Sum(node, of(node.getChild(0), scope), of(node.getChild(1), scope), source);
        }
        if (node instanceof Ternary) {
            return new Choice(node, of(node.getChild(1), scope), of(node.getChild(2), scope), source);
        }
        if (node instanceof Elvis) {
            return new Default(of(node.getChild(0), scope), of(node.getChild(1), scope), source);
        }
        if (node instanceof InlineList) {
            return new Several(
                    childrenFrom(0, node).map(child -> of(child, scope)).toList(), source);
        }
        if (node instanceof CompoundExpression && isEvaluatedHere(node.getChild(0))) {
            return new Chain(
                    of(node.getChild(0), scope),
                    childrenFrom(1, node).map(child -> checked(child, scope)).toList(),
                    source);
        }
        return new Value(checked(node, scope), PropertyPath.of(node, scope), source);
    }

    private static Stream<SpelNode> childrenFrom(int first, SpelNode node) {
        return IntStream.range(first, node.getChildCount()).mapToObj(node::getChild);
    }

    private static boolean isEvaluatedHere(SpelNode node) {
        return UncheckedPlus.isPlus(node) || node instanceof Ternary || node instanceof Elvis;
    }

    /** What is left to SpEL. */
    private static SpelNode checked(SpelNode node, ExpressionScope scope) {
        SpelNode plus = UncheckedPlus.find(node, scope);
        if (plus != null) {
            throw new InvalidLockDeclarationException(
                    scope.method(),
                    "has a key with " + plus.toStringAST() + " inside " + node.toStringAST()
                            + ", where a part that is missing would become the text 'null'",
                    "Put texts together outside of projections and arguments, as in 'order:' + #orders.![id], or call a"
                            + " method that makes the key");
        }
        return node;
    }

    private static void collectOperands(SpelNode node, List<KeyPart> operands, ExpressionScope scope) {
        if (isConcatenation(node)) {
            collectOperands(node.getChild(0), operands, scope);
            collectOperands(node.getChild(1), operands, scope);
        } else {
            operands.add(of(node, scope));
        }
    }

    /** Surely text, whatever the operands are at run time: numbers on both sides would be added. */
    static boolean isConcatenation(SpelNode node) {
        return UncheckedPlus.isPlus(node) && (isText(node.getChild(0)) || isText(node.getChild(1)));
    }

    private static boolean isText(SpelNode node) {
        return node instanceof StringLiteral || isConcatenation(node);
    }

    /** A text in quotes. */
    record Text(String text, String source) implements KeyPart {

        @Override
        public Object value(KeyContext context) {
            return text;
        }

        /** As it is: a blank one is no part that is missing. */
        @Override
        public String text(KeyContext context) {
            return text;
        }
    }

    /** Anything that SpEL evaluates, the most frequent form of it without SpEL. */
    record Value(SpelNode node, @Nullable PropertyPath path, String source) implements KeyPart {

        @Override
        public @Nullable Object value(KeyContext context) {
            Object read = path == null ? null : path.read(context.arguments());
            // SpEL says why there is none.
            return read != null ? read : node.getValue(context.state());
        }
    }

    /** {@code 'order:' + #order.region + ':' + #order.id}. */
    record Join(List<KeyPart> operands, String source) implements KeyPart {

        @Override
        public Object value(KeyContext context) {
            StringBuilder text = new StringBuilder(48);
            for (KeyPart operand : operands) {
                text.append(operand.text(context));
            }
            return text.toString();
        }
    }

    /** {@code #a + #b}: only their values tell whether they are added or joined. */
    record Sum(SpelNode node, KeyPart left, KeyPart right, String source) implements KeyPart {

        @Override
        public @Nullable Object value(KeyContext context) {
            Object first = left.value(context);
            Object second = right.value(context);
            return first instanceof String || second instanceof String
                    ? KeyText.of(first, left.source()) + KeyText.of(second, right.source())
                    : node.getValue(context.state());
        }
    }

    /** {@code #vip ? 'vip:' + #id : 'id:' + #id}. */
    record Choice(SpelNode node, KeyPart ifTrue, KeyPart ifFalse, String source) implements KeyPart {

        @Override
        public @Nullable Object value(KeyContext context) {
            Object condition = node.getChild(0).getValue(context.state());
            boolean decided = condition instanceof Boolean known ? known : converted(condition, context);
            return decided ? ifTrue.value(context) : ifFalse.value(context);
        }

        private boolean converted(@Nullable Object condition, KeyContext context) {
            Boolean decided = ExpressionUtils.convertTypedValue(context, new TypedValue(condition), Boolean.class);
            if (decided == null) {
                throw new IllegalArgumentException(node.getChild(0).toStringAST() + " is null");
            }
            return decided;
        }
    }

    /** {@code #id ?: 'none'}: the second if the first is null or empty. */
    record Default(KeyPart first, KeyPart second, String source) implements KeyPart {

        @Override
        public @Nullable Object value(KeyContext context) {
            Object value = first.value(context);
            boolean missing = value == null
                    || value instanceof String text && text.isEmpty()
                    || value instanceof Optional<?> optional && optional.isEmpty();
            return missing ? second.value(context) : value;
        }
    }

    /** {@code {#from, #to}}: a name for each element. */
    record Several(List<KeyPart> elements, String source) implements KeyPart {

        @Override
        public Object value(KeyContext context) {
            List<String> texts = new ArrayList<>(elements.size());
            for (KeyPart element : elements) {
                texts.add(element.text(context));
            }
            return texts;
        }
    }

    /** {@code ('order:' + #id).toLowerCase()}: calls on what is evaluated here. */
    record Chain(KeyPart first, List<SpelNode> calls, String source) implements KeyPart {

        @Override
        public @Nullable Object value(KeyContext context) {
            ExpressionState state = context.state();
            TypedValue value = new TypedValue(first.value(context));
            for (SpelNode call : calls) {
                state.pushActiveContextObject(value);
                try {
                    value = call.getTypedValue(state);
                } finally {
                    state.popActiveContextObject();
                }
            }
            return value.getValue();
        }
    }
}
