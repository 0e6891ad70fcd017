package dev.holdfast.lock.spring;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.ExpressionState;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.CompoundExpression;
import org.springframework.expression.spel.ast.FunctionReference;
import org.springframework.expression.spel.ast.OpPlus;
import org.springframework.expression.spel.ast.PropertyOrFieldReference;
import org.springframework.expression.spel.ast.StringLiteral;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/**
 * A parsed key. SpEL alone would make {@code 'order:' + #id} the text {@code order:null} when there is no id, one lock for all such
 * calls; so a concatenation is evaluated operand by operand, and each must have a value.
 */
final class KeyExpression {

    private static final SpelExpressionParser PARSER = new SpelExpressionParser();

    private final String source;
    private final SpelNode ast;
    private final SpelNode[] operands;

    private KeyExpression(String source, SpelNode ast) {
        this.source = source;
        this.ast = ast;
        List<SpelNode> found = new ArrayList<>();
        collectOperands(ast, found);
        this.operands = found.toArray(SpelNode[]::new);
    }

    static KeyExpression parse(String source) throws ParseException {
        return new KeyExpression(source, ((SpelExpression) PARSER.parseExpression(source)).getAST());
    }

    String source() {
        return source;
    }

    /** The names of its variables and functions, without {@code #}. */
    Set<String> variables() {
        Set<String> names = new LinkedHashSet<>();
        collectVariables(ast, names);
        return names;
    }

    /** Names without {@code #} that stand for a property of the root, as a text does whose quotes were forgotten. */
    Set<String> rootProperties() {
        Set<String> names = new LinkedHashSet<>();
        for (SpelNode operand : operands) {
            SpelNode first = operand instanceof CompoundExpression ? operand.getChild(0) : operand;
            if (first instanceof PropertyOrFieldReference property) {
                names.add(property.getName());
            }
        }
        return names;
    }

    String evaluate(EvaluationContext context) {
        ExpressionState state = new ExpressionState(context);
        if (operands.length == 1) {
            return KeyText.of(operands[0].getValue(state), operands[0]);
        }
        StringBuilder text = new StringBuilder(48);
        for (SpelNode operand : operands) {
            text.append(
                    operand instanceof StringLiteral
                            ? operand.getValue(state)
                            : KeyText.of(operand.getValue(state), operand));
        }
        return text.toString();
    }

    private static void collectOperands(SpelNode node, List<SpelNode> operands) {
        if (isConcatenation(node)) {
            collectOperands(node.getChild(0), operands);
            collectOperands(node.getChild(1), operands);
        } else {
            operands.add(node);
        }
    }

    /** Surely text, whatever the operands are at run time: numbers on both sides would be added. */
    private static boolean isConcatenation(@Nullable SpelNode node) {
        return node instanceof OpPlus
                && node.getChildCount() == 2
                && (isText(node.getChild(0)) || isText(node.getChild(1)));
    }

    private static boolean isText(SpelNode node) {
        return node instanceof StringLiteral || isConcatenation(node);
    }

    private static void collectVariables(SpelNode node, Set<String> names) {
        if (node instanceof VariableReference) {
            names.add(node.toStringAST().substring(1));
        } else if (node instanceof FunctionReference) {
            String call = node.toStringAST();
            names.add(call.substring(1, call.indexOf('(')));
        }
        for (int i = 0; i < node.getChildCount(); i++) {
            collectVariables(node.getChild(i), names);
        }
    }
}
