package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.EvaluationException;
import org.springframework.expression.ParseException;

/** The key of one method: its expression, and where each {@code #variable} is found among the arguments. Immutable. */
final class LockKey {

    private static final ParameterNameDiscoverer PARAMETER_NAMES = new DefaultParameterNameDiscoverer();

    private static final Set<String> BUILT_IN = Set.of("root", "this");
    private static final Set<String> ROOT_PROPERTIES = Set.of("target", "targetClass", "method", "methodName", "args");

    private final KeyExpression expression;
    private final EvaluationContext shared;
    private final Map<String, Integer> parameters;
    private final Method method;

    private LockKey(
            KeyExpression expression, EvaluationContext shared, Map<String, Integer> parameters, Method method) {
        this.expression = expression;
        this.shared = shared;
        this.parameters = parameters;
        this.method = method;
    }

    static LockKey of(String source, Method method, EvaluationContext shared) {
        KeyExpression expression = parse(source, method);
        String @Nullable [] names = PARAMETER_NAMES.getParameterNames(method);
        Map<String, Integer> parameters = parameters(method, names);
        for (String variable : expression.variables()) {
            if (!parameters.containsKey(variable) && !BUILT_IN.contains(variable)) {
                throw unknown(variable, names, source, method);
            }
        }
        for (String property : expression.rootProperties()) {
            if (!ROOT_PROPERTIES.contains(property)) {
                throw new InvalidLockDeclarationException(
                        method,
                        "has the key " + source + ", in which " + property + " is neither a text nor a #variable",
                        parameters.containsKey(property)
                                ? "Write #" + property + " for the parameter"
                                : "For a fixed name use name = \"" + property
                                        + "\"; in a key write texts in quotes, as in '" + property + "'");
            }
        }
        return new LockKey(expression, shared, parameters, method);
    }

    String evaluate(KeyRoot call) {
        try {
            return expression.evaluate(new KeyContext(shared, parameters, call));
        } catch (IllegalArgumentException noValue) {
            throw new IllegalArgumentException(failed(noValue.getMessage()), noValue);
        } catch (EvaluationException failure) {
            throw new IllegalArgumentException(failed(failure.getMessage()), failure);
        }
    }

    private String failed(@Nullable String reason) {
        return "No lock for " + method.getDeclaringClass().getName() + "." + method.getName() + ": its key "
                + expression.source() + " has no value: " + reason + "; the method was not called";
    }

    private static KeyExpression parse(String source, Method method) {
        try {
            return KeyExpression.parse(source);
        } catch (ParseException invalid) {
            throw new InvalidLockDeclarationException(
                    method,
                    "has a key that is not valid SpEL: " + source + " (" + invalid.getSimpleMessage() + ")",
                    "Write texts in quotes, as in key = \"'order:' + #order.id\", or use name for a fixed name");
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

    private static InvalidLockDeclarationException unknown(
            String variable, String @Nullable [] names, String source, Method method) {
        if (names == null) {
            return new InvalidLockDeclarationException(
                    method,
                    "uses #" + variable + " in its key " + source
                            + ", but the class was compiled without parameter names",
                    "Compile with -parameters, or use #p0, #p1, ...");
        }
        return new InvalidLockDeclarationException(
                method,
                "uses #" + variable + " in its key " + source + ", which is not one of its parameters",
                "Use " + (names.length == 0 ? "" : "#" + String.join(", #", names) + " or ") + "#root, @bean");
    }
}
