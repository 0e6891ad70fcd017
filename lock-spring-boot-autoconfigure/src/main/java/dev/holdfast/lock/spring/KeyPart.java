package dev.holdfast.lock.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.Elvis;
import org.springframework.expression.spel.ast.OpPlus;
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
        if (node instanceof OpPlus && node.getChildCount() == 2) {
            return new Sum(node, of(node.getChild(0), scope), of(node.getChild(1), scope), source);
        }
        if (node instanceof Ternary) {
            return new Choice(node, of(node.getChild(1), scope), of(node.getChild(2), scope), source);
        }
        if (node instanceof Elvis) {
            return new Default(of(node.getChild(0), scope), of(node.getChild(1), scope), source);
        }
        return new Value(node, PropertyPath.of(node, scope), source);
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
        return node instanceof OpPlus
                && node.getChildCount() == 2
                && (isText(node.getChild(0)) || isText(node.getChild(1)));
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
            if (condition instanceof Boolean decided) {
                return decided ? ifTrue.value(context) : ifFalse.value(context);
            }
            return node.getValue(context.state());
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
}
