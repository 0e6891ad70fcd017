package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.StandardEvaluationContext;

/** Keys are evaluated partly without SpEL; what comes out must be what SpEL says, but for what has no value. */
class KeyExpressionTests {

    private static final Order ORDER =
            new Order(7, "eu", new Customer("Ann", Optional.of("nick"), true), Map.of(5L, "five"), List.of("a", "b"));

    private final Method method = method();
    private final EvaluationContext shared = new StandardEvaluationContext();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#order.id",
                "#order.id()",
                "#order.region",
                "#order?.region",
                "#order.customer.name",
                "#order.customer.vip",
                "#order.customer.publicField",
                "#order.customer.hidden",
                "#order.customer.name.length()",
                "#order.prices['5']",
                "#order.prices[5]",
                "#order.lines[1]",
                "#order.region.bytes.length",
                "#type.name",
                "#p1",
                "#number + 1",
                "#number + #order.id",
                "#order.region + #number",
                "#number > 3 ? #order.region : 'few'",
                "#number > 30 ? 'many' : 'few:' + #number",
                "#empty ?: 'none'",
                "#order.region ?: 'none'",
                "'x:' + (#number > 3 ? 'many' : 'few') + #order.id",
                "'x:' + #order.id + ':' + #order.region + (1 + 1)",
                "#root.methodName + methodName",
                "T(java.lang.Math).max(#number, 3)",
                "'quoted ''text'''",
            })
    void givesWhatSpelGives(String key) {
        assertThat(names(key)).containsExactly(spel(key));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "#nothing | #nothing is null",
                "'order:' + #nothing | #nothing is null",
                "#nothing + #order.region | #nothing is null",
                "#number > 3 ? 'x:' + #nothing : 'y' | #nothing is null",
                "#empty ?: #nothing | #nothing is null",
                "#order.customer.name + #empty | #empty is blank",
                "#nothing.id | cannot be found on null",
                "#order.unknown | 'unknown' cannot be found on object of type",
                "#order.customer.failing | failing",
                "#order.prices | is a collection or map",
                "'a' + #order.prices | is a collection or map",
            })
    void refusesWhatHasNoValue(String key, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> names(key))
                .withMessageContaining(reason)
                .withMessageContaining("was not called");
    }

    @Test
    void aPathOfGettersNeedsNoSpel() {
        ExpressionScope scope = new ExpressionScope(method, shared);
        KeyContext context = scope.context(call());
        KeyExpression expression = KeyExpression.of(
                "", scope.parse("key", "'order:' + #order.region + ':' + #order.customer.name"), LockKind.EXCLUSIVE, scope);
        assertThat(expression.names(context)).containsExactly("order:eu:Ann");
        assertThat(context.hasState()).isFalse();
    }

    private List<String> names(String key) {
        return LockKey.of("", key, LockKind.EXCLUSIVE, new ExpressionScope(method, shared))
                .names(call());
    }

    private String spel(String key) {
        StandardEvaluationContext context = new StandardEvaluationContext(call());
        String[] names = {"order", "number", "empty", "nothing", "type"};
        for (int i = 0; i < names.length; i++) {
            context.setVariable(names[i], call().args()[i]);
            context.setVariable("p" + i, call().args()[i]);
        }
        return String.valueOf(new SpelExpressionParser().parseExpression(key).getValue(context));
    }

    private KeyRoot call() {
        return new KeyRoot(this, method, new @Nullable Object[] {ORDER, 4, "", null, String.class});
    }

    @SuppressWarnings("unused")
    void example(Order order, int number, String empty, @Nullable Order nothing, Class<?> type) {}

    private static Method method() {
        return Arrays.stream(KeyExpressionTests.class.getDeclaredMethods())
                .filter(candidate -> candidate.getName().equals("example"))
                .findAny()
                .orElseThrow();
    }

    record Order(int id, String region, Customer customer, Map<Long, String> prices, List<String> lines) {}

    /** Not public, as beans in applications often are. */
    static class Customer {

        public final String publicField = "field";

        private final String name;
        private final Optional<String> hidden;
        private final boolean vip;

        Customer(String name, Optional<String> hidden, boolean vip) {
            this.name = name;
            this.hidden = hidden;
            this.vip = vip;
        }

        public String getName() {
            return name;
        }

        public boolean isVip() {
            return vip;
        }

        public String getHidden() {
            return Objects.requireNonNull(hidden.orElse(null));
        }

        public String getFailing() {
            throw new IllegalStateException("failing");
        }
    }
}
