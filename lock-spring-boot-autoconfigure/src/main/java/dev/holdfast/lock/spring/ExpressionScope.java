package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.CompoundExpression;
import org.springframework.expression.spel.ast.FunctionReference;
import org.springframework.expression.spel.ast.Indexer;
import org.springframework.expression.spel.ast.InlineMap;
import org.springframework.expression.spel.ast.Projection;
import org.springframework.expression.spel.ast.PropertyOrFieldReference;
import org.springframework.expression.spel.ast.Selection;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/** What the expressions of one method can refer to, and where each {@code #variable} is found among the arguments. Immutable. */
final class ExpressionScope {

    private static final SpelExpressionParser PARSER = new SpelExpressionParser();
    private static final ParameterNameDiscoverer PARAMETER_NAMES = new DefaultParameterNameDiscoverer();

    private static final Set<String> BUILT_IN = Set.of("root", "this");
    private static final Set<String> ROOT_PROPERTIES = Set.of("target", "targetClass", "method", "methodName", "args");

    private final Method method;
    private final EvaluationContext shared;
    private final String @Nullable [] names;
    private final Map<String, Integer> parameters;

    ExpressionScope(Method method, EvaluationContext shared) {
        this.method = method;
        this.shared = shared;
        this.names = PARAMETER_NAMES.getParameterNames(method);
        this.parameters = parameters(method, names);
    }

    Method method() {
        return method;
    }

    /** The message of a call whose key or condition cannot be had, and which therefore did not take place. */
    String failed(String attribute, String source, String problem) {
        return "No lock for " + method.getDeclaringClass().getName() + "." + method.getName() + ": its " + attribute
                + " " + source + " " + problem + "; the method was not called";
    }

    KeyContext context(KeyRoot call) {
        return new KeyContext(shared, parameters, call);
    }

    /** Where the argument is that a variable stands for; -1 if it stands for something else. */
    int indexOf(String variable) {
        return BUILT_IN.contains(variable) ? -1 : parameters.getOrDefault(variable, -1);
    }

    /** @throws InvalidLockDeclarationException if the expression is not SpEL, or refers to what does not exist */
    SpelNode parse(String attribute, String source) {
        SpelNode ast = parseOnly(attribute, source);
        Set<String> variables = new LinkedHashSet<>();
        Set<String> properties = new LinkedHashSet<>();
        collect(ast, variables, properties, true);
        for (String variable : variables) {
            if (!parameters.containsKey(variable) && !BUILT_IN.contains(variable)) {
                throw unknownVariable(variable, attribute, source);
            }
        }
        for (String property : properties) {
            if (!ROOT_PROPERTIES.contains(property)) {
                throw unknownProperty(property, attribute, source);
            }
        }
        return ast;
    }

    private SpelNode parseOnly(String attribute, String source) {
        try {
            return ((SpelExpression) PARSER.parseExpression(source)).getAST();
        } catch (ParseException invalid) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has a " + attribute + " that is not valid SpEL: " + source + " (" + invalid.getSimpleMessage()
                            + ")",
                    attribute.equals("key")
                            ? "Write texts in quotes, as in key = \"'order:' + #order.id\", or use name for a fixed name"
                            : "Write it as in condition = \"#order.total > 100\"");
        }
    }

    /**
     * The names of variables and functions, without {@code #}, and the names that stand for a property of the root, as a text does
     * whose quotes were forgotten. Within a projection or selection a name is a property of the element.
     */
    private static void collect(SpelNode node, Set<String> variables, Set<String> properties, boolean atRoot) {
        if (node instanceof VariableReference) {
            variables.add(node.toStringAST().substring(1));
        } else if (node instanceof FunctionReference) {
            String call = node.toStringAST();
            variables.add(call.substring(1, call.indexOf('(')));
        } else if (node instanceof PropertyOrFieldReference property && atRoot) {
            properties.add(property.getName());
        }
        boolean ofElements = node instanceof Projection || node instanceof Selection;
        // SpEL takes a bare name there for a key of the map.
        boolean ofMap = node instanceof Indexer || node instanceof InlineMap;
        for (int i = 0; i < node.getChildCount(); i++) {
            SpelNode child = node.getChild(i);
            boolean ofPrevious =
                    node instanceof CompoundExpression && i > 0 && child instanceof PropertyOrFieldReference;
            collect(child, variables, properties, atRoot && !ofElements && !ofMap && !ofPrevious);
        }
    }

    private static Map<String, Integer> parameters(Method method, String @Nullable [] names) {
        Map<String, Integer> parameters = new HashMap<>();
        for (int i = 0; i < method.getParameterCount(); i++) {
            parameters.put("p" + i, i);
            parameters.put("a" + i, i);
        }
        for (int i = 0; names != null && i < names.length; i++) {
            parameters.put(names[i], i);
        }
        return Map.copyOf(parameters);
    }

    private InvalidLockDeclarationException unknownVariable(String variable, String attribute, String source) {
        String use = "uses #" + variable + " in its " + attribute + " " + source;
        if (names == null) {
            return new InvalidLockDeclarationException(
                    method,
                    use + ", but the class was compiled without parameter names",
                    "Compile with -parameters, or use #p0, #p1, ...");
        }
        return new InvalidLockDeclarationException(
                method,
                use + ", which is not one of its parameters",
                "Use " + (names.length == 0 ? "" : "#" + String.join(", #", names) + " or ") + "#root, @bean");
    }

    private InvalidLockDeclarationException unknownProperty(String property, String attribute, String source) {
        String action = "In a " + attribute + " write texts in quotes, as in '" + property + "'";
        if (parameters.containsKey(property)) {
            action = "Write #" + property + " for the parameter";
        } else if (attribute.equals("key")) {
            action = "For a fixed name use name = \"" + property + "\"; in a key write texts in quotes, as in '"
                    + property + "'";
        }
        return new InvalidLockDeclarationException(
                method,
                "has the " + attribute + " " + source + ", in which " + property + " is neither a text nor a #variable",
                action);
    }
}
