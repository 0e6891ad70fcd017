package dev.holdfast.lock.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.PropertyAccessor;
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
                "('Order:' + #order.region).toUpperCase()",
                "(#order.region + #number).toUpperCase().length()",
                "(#number + 1).toString()",
                "(#number > 3 ? 'many' : 'few').toUpperCase()",
                "(#empty ?: 'none').toUpperCase()",
                "'true' ? 'x:' + #number : 'y'",
                "#order.region.substring(#order.region.indexOf('e') + 1)",
                "#order.region.substring(#number + #number - 7)",
                "#order.lines[#number + #order.id - 11]",
                "(#order.id + #order.customer.name.length() + #number) % 5",
                "T(java.lang.Math).max(#order.id + #order.id - 1, 3)",
                "'stripe:' + T(java.lang.Math).floorMod(#order.region.hashCode() + #order.customer.name.hashCode(), 16)",
                "'bucket:' + (#order.id + #number) * 10",
                "#order.prices['5' + #empty]",
                "#order.lines.?[#this == 'a' + #empty][0]",
            })
    void givesWhatSpelGives(String key) {
        assertThat(names(key)).containsExactly(spel(key));
    }

    static Stream<Arguments> keysWithoutValue() {
        return Stream.of(
                Arguments.of("#nothing", "#nothing is null"),
                Arguments.of("'order:' + #nothing", "#nothing is null"),
                Arguments.of("#nothing + #order.region", "#nothing is null"),
                Arguments.of("#number > 3 ? 'x:' + #nothing : 'y'", "#nothing is null"),
                Arguments.of("#empty ?: #nothing", "is null"),
                Arguments.of("#order.customer.name + #empty", "#empty is blank"),
                Arguments.of("#nothing.id", "cannot be found on null"),
                Arguments.of("#order.unknown", "'unknown' cannot be found on object of type"),
                Arguments.of("#order.customer.failing", "'failing'"),
                Arguments.of("#order.prices", "is a collection or map"),
                Arguments.of("'a' + #order.prices", "is a collection or map"),
                Arguments.of("{'account:' + #nothing, 'account:' + #number}", "#nothing is null"),
                Arguments.of("{'account:' + #number, 'account:' + #empty}", "#empty is blank"),
                Arguments.of("{#number, #nothing}", "#nothing is null"),
                Arguments.of("{#number, ' '}", "is blank"),
                Arguments.of("{#number, #order.lines}", "#order.lines is a collection or map"),
                Arguments.of("'x:' + {#number, #order.region + #nothing}", "#nothing is null"),
                Arguments.of("('order:' + #nothing).toLowerCase()", "#nothing is null"),
                Arguments.of("(#order.region + #empty).toUpperCase().toLowerCase()", "#empty is blank"),
                Arguments.of("(#number > 3 ? 'x' + #nothing : 'y').toUpperCase()", "#nothing is null"),
                Arguments.of("'true' ? 'x:' + #nothing : 'y'", "#nothing is null"),
                Arguments.of("#nothing ? 'x' : 'y'", "#nothing is null"));
    }

    @ParameterizedTest
    @MethodSource("keysWithoutValue")
    void refusesWhatHasNoValue(String key, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> names(key))
                .withMessageContaining(reason)
                .withMessageContaining("was not called");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#order.lines.!['line:' + #this]",
                "#order.lines.![#this + #order.region]",
                "#order.lines.![#this + #number]",
                "'x:' + #order.lines.![#this + #nothing]",
                "#order.region.concat('x' + #nothing)",
                "#order.region.concat(#nothing + #order.region)",
                "T(java.util.Objects).hash(#order.region + #nothing)",
                "('x:' + #order.region).concat('y' + #nothing)",
                "#order.region.concat(#number > 3 ? 'x' + #nothing : 'y')",
                "{'x' + #nothing}.![toUpperCase()]",
                "(#order.region.concat(#nothing + #order.region).length() + 1) % 5",
                "T(java.util.Objects).toString(#order.region + #nothing + 1)",
                "#empty ?: #order.region.concat('x' + #nothing)",
            })
    void refusesTextsThatSpelWouldJoin(String key) {
        assertThatExceptionOfType(InvalidLockDeclarationException.class)
                .isThrownBy(() -> LockKey.of("", key, LockKind.EXCLUSIVE, new ExpressionScope(method, shared)))
                .withMessageContaining("KeyExpressionTests.example(")
                .withMessageContaining("would become the text 'null'");
    }

    @Test
    void aPathOfGettersNeedsNoSpel() {
        EvaluationContext unused = new StandardEvaluationContext() {
            @Override
            public List<PropertyAccessor> getPropertyAccessors() {
                throw new AssertionError("asked SpEL");
            }
        };
        String key = "'order:' + #order.region + ':' + #order.customer.name";
        ExpressionScope scope = new ExpressionScope(method, unused);
        assertThat(LockKey.of("", key, LockKind.EXCLUSIVE, scope).names(call())).containsExactly("order:eu:Ann");
    }

    @Test
    void aKeyOfPropertiesMakesLittleGarbage() {
        LockKey key = LockKey.of(
                "",
                "'order:' + #order.region + ':' + #order.customer.name",
                LockKind.EXCLUSIVE,
                new ExpressionScope(method, shared));
        KeyRoot call = call();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        key.names(call);
        int times = 10_000;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < times; i++) {
            key.names(call);
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(bytes / times).isLessThan(600);
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
