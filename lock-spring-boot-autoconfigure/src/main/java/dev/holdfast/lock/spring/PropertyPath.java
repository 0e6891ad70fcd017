package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.CompoundExpression;
import org.springframework.expression.spel.ast.PropertyOrFieldReference;
import org.springframework.expression.spel.ast.VariableReference;

/**
 * {@code #order.customer.id}, what most keys are made of, read with SpEL's own getters but without its state: SpEL makes a kilobyte of
 * garbage for each such path, most of it to describe types that nobody asks for.
 */
final class PropertyPath {

    private final int parameter;
    private final String[] properties;

    private PropertyPath(int parameter, List<String> properties) {
        this.parameter = parameter;
        this.properties = properties.toArray(String[]::new);
    }

    /** Null if the node is anything else. */
    static @Nullable PropertyPath of(SpelNode node, ExpressionScope scope) {
        SpelNode start = node instanceof CompoundExpression ? node.getChild(0) : node;
        if (!(start instanceof VariableReference)) {
            return null;
        }
        int parameter = scope.indexOf(start.toStringAST().substring(1));
        List<String> properties = new ArrayList<>();
        for (int i = 1; i < node.getChildCount(); i++) {
            if (!(node.getChild(i) instanceof PropertyOrFieldReference property)) {
                return null;
            }
            properties.add(property.getName());
        }
        return parameter < 0 ? null : new PropertyPath(parameter, properties);
    }

    /** What the parameter and the getters on the way are declared to give; null if that is not known. */
    @Nullable
    Class<?> type(Method method) {
        Class<?> type = method.getParameterTypes()[parameter];
        for (String property : properties) {
            Method getter = Getters.find(type, property);
            if (getter == null) {
                return null;
            }
            type = getter.getReturnType();
        }
        return type;
    }

    /** The index of the parameter if the path is nothing but that; -1 otherwise. */
    int parameterItself() {
        return properties.length == 0 ? parameter : -1;
    }

    /** Null if there is no value, or none that can be read by getters; SpEL knows more, and says what is wrong. */
    @Nullable
    Object read(@Nullable Object[] arguments) {
        Object value = arguments[parameter];
        for (String property : properties) {
            Method getter = value == null ? null : Getters.find(value.getClass(), property);
            if (getter == null) {
                return null;
            }
            try {
                value = getter.invoke(value);
            } catch (ReflectiveOperationException failed) {
                return null;
            }
        }
        return value;
    }
}
