package dev.holdfast.lock.spring;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.expression.BeanResolver;
import org.springframework.expression.ConstructorResolver;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.IndexAccessor;
import org.springframework.expression.MethodResolver;
import org.springframework.expression.OperatorOverloader;
import org.springframework.expression.PropertyAccessor;
import org.springframework.expression.TypeComparator;
import org.springframework.expression.TypeConverter;
import org.springframework.expression.TypeLocator;
import org.springframework.expression.TypedValue;
import org.springframework.expression.spel.ExpressionState;
import org.springframework.expression.spel.SpelParserConfiguration;

/**
 * What one call brings to its expressions, over what all calls share. Used by its thread only. Reads variables straight from the arguments: Spring's
 * {@code MethodBasedEvaluationContext} copies them into a new map under three names each.
 */
final class KeyContext implements EvaluationContext {

    private static final SpelParserConfiguration CONFIGURATION = new SpelParserConfiguration();

    private final EvaluationContext shared;
    private final Map<String, Integer> parameters;
    private final KeyRoot root;

    private @Nullable ExpressionState state;

    KeyContext(EvaluationContext shared, Map<String, Integer> parameters, KeyRoot root) {
        this.shared = shared;
        this.parameters = parameters;
        this.root = root;
    }

    @Nullable
    Object[] arguments() {
        return root.args();
    }

    /** Made when a part of the expression needs it. */
    ExpressionState state() {
        ExpressionState existing = state;
        if (existing == null) {
            existing = new ExpressionState(this, CONFIGURATION);
            state = existing;
        }
        return existing;
    }

    @Override
    public @Nullable Object lookupVariable(String name) {
        Integer index = parameters.get(name);
        return index == null ? null : root.args()[index];
    }

    @Override
    public void setVariable(String name, @Nullable Object value) {
        throw new UnsupportedOperationException("An expression of a lock cannot set #" + name);
    }

    @Override
    public boolean isAssignmentEnabled() {
        return false;
    }

    @Override
    public TypedValue getRootObject() {
        return new TypedValue(root);
    }

    @Override
    public List<PropertyAccessor> getPropertyAccessors() {
        return shared.getPropertyAccessors();
    }

    @Override
    public List<IndexAccessor> getIndexAccessors() {
        return shared.getIndexAccessors();
    }

    @Override
    public List<ConstructorResolver> getConstructorResolvers() {
        return shared.getConstructorResolvers();
    }

    @Override
    public List<MethodResolver> getMethodResolvers() {
        return shared.getMethodResolvers();
    }

    @Override
    public @Nullable BeanResolver getBeanResolver() {
        return shared.getBeanResolver();
    }

    @Override
    public TypeLocator getTypeLocator() {
        return shared.getTypeLocator();
    }

    @Override
    public TypeConverter getTypeConverter() {
        return shared.getTypeConverter();
    }

    @Override
    public TypeComparator getTypeComparator() {
        return shared.getTypeComparator();
    }

    @Override
    public OperatorOverloader getOperatorOverloader() {
        return shared.getOperatorOverloader();
    }
}
