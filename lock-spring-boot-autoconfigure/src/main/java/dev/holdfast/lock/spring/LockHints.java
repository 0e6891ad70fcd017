package dev.holdfast.lock.spring;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertyResolver;
import org.springframework.core.env.PropertySourcesPropertyResolver;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.BeanReference;
import org.springframework.expression.spel.ast.TypeReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** What the locked methods of one bean reach by reflection. What their expressions call on results of calls cannot be foreseen. */
final class LockHints {

    private static final BindingReflectionHintsRegistrar BINDING = new BindingReflectionHintsRegistrar();

    /** Knows no property. */
    private static final PropertyResolver DEFAULTS = new PropertySourcesPropertyResolver(null);

    private final ConfigurableListableBeanFactory beanFactory;
    private final PropertyResolver environment;
    private final Class<?> type;

    LockHints(ConfigurableListableBeanFactory beanFactory, Class<?> type) {
        this.beanFactory = beanFactory;
        this.environment = beanFactory.getBean(Environment.class);
        this.type = type;
    }

    void register(RuntimeHints hints, Method method, MergedAnnotation<DistributedLock> annotation) {
        hints.reflection().registerMethod(method, ExecutableMode.INVOKE);
        List<String> expressions = Stream.of("key", "condition")
                .flatMap(attribute -> texts(annotation, attribute))
                .toList();
        expressions.forEach(expression -> registerReferences(hints, expression));
        if (!expressions.isEmpty()) {
            BINDING.registerReflectionHints(hints.reflection(), KeyRoot.class);
            BINDING.registerReflectionHints(hints.reflection(), method.getGenericParameterTypes());
            // Public methods too: "#order.total()" is no property.
            Arrays.stream(method.getParameterTypes()).forEach(parameter -> registerMethods(hints, parameter));
        }
        texts(annotation, "fallback")
                .flatMap(fallback -> Arrays.stream(ReflectionUtils.getUniqueDeclaredMethods(type))
                        .filter(candidate -> candidate.getName().equals(fallback)))
                .forEach(candidate -> hints.reflection().registerMethod(candidate, ExecutableMode.INVOKE));
    }

    /** As the properties of the build have it, and as its defaults do, which may come to count when it starts without them. */
    private Stream<String> texts(MergedAnnotation<DistributedLock> annotation, String attribute) {
        String raw = annotation.getValue(attribute, String.class).orElse("");
        return Stream.of(environment, DEFAULTS)
                .map(resolver -> parseable(raw, resolver).strip())
                .filter(text -> !text.isEmpty())
                .distinct();
    }

    /** What a placeholder without default stands for may be unknown until the start; any name parses as well as any other. */
    private static String parseable(String raw, PropertyResolver resolver) {
        String text = resolver.resolvePlaceholders(raw);
        for (String before = ""; !text.equals(before); ) {
            before = text;
            text = text.replaceAll("\\$\\{[^${}]*}", "placeholder");
        }
        return text;
    }

    private void registerReferences(RuntimeHints hints, String expression) {
        try {
            SpelExpression parsed = (SpelExpression) new SpelExpressionParser().parseExpression(expression);
            registerReferences(hints, parsed.getAST());
        } catch (ParseException toldAtTheStart) {
            // The check of the bean says what is wrong with it.
        }
    }

    private void registerReferences(RuntimeHints hints, SpelNode node) {
        if (node instanceof BeanReference) {
            registerBean(hints, node.toStringAST().substring(1).replace("'", ""));
        } else if (node instanceof TypeReference) {
            String text = node.toStringAST();
            String name = text.substring(text.indexOf('(') + 1, text.lastIndexOf(')'));
            hints.reflection()
                    .registerTypeIfPresent(
                            beanFactory.getBeanClassLoader(),
                            name.contains(".") ? name : "java.lang." + name,
                            MemberCategory.INVOKE_PUBLIC_METHODS,
                            MemberCategory.ACCESS_PUBLIC_FIELDS);
        }
        for (int i = 0; i < node.getChildCount(); i++) {
            registerReferences(hints, node.getChild(i));
        }
    }

    private void registerBean(RuntimeHints hints, String reference) {
        String name = reference.startsWith(BeanFactory.FACTORY_BEAN_PREFIX) ? reference.substring(1) : reference;
        try {
            Class<?> found = beanFactory.getType(name, false);
            if (found != null) {
                registerMethods(hints, ClassUtils.getUserClass(found));
            }
        } catch (NoSuchBeanDefinitionException toldByTheCall) {
            // The first call says that there is no such bean.
        }
    }

    private static void registerMethods(RuntimeHints hints, Class<?> type) {
        if (!type.isPrimitive() && !type.isArray() && !type.getName().startsWith("java.")) {
            hints.reflection().registerType(type, MemberCategory.INVOKE_PUBLIC_METHODS);
        }
    }
}
