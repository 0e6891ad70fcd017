package dev.holdfast.lock.benchmarks.report;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** A figure with what has to be said about it, or why there is none. */
sealed interface Measured {

    record Value(double number, Set<String> remarks) implements Measured {}

    record Missing(String why) implements Measured {}

    static Measured value(double number) {
        return new Value(number, Set.of());
    }

    default Measured map(DoubleUnaryOperator change) {
        return this instanceof Value value ? new Value(change.applyAsDouble(value.number()), value.remarks()) : this;
    }

    /** Both are needed; the reason of the first that is missing is kept. */
    default Measured combine(Measured other, DoubleBinaryOperator operation) {
        if (this instanceof Value one && other instanceof Value two) {
            Set<String> remarks = new LinkedHashSet<>(one.remarks());
            remarks.addAll(two.remarks());
            return new Value(operation.applyAsDouble(one.number(), two.number()), remarks);
        }
        return this instanceof Missing ? this : other;
    }

    default Measured remark(String remark) {
        if (this instanceof Value value) {
            Set<String> remarks = new LinkedHashSet<>(value.remarks());
            remarks.add(remark);
            return new Value(value.number(), remarks);
        }
        return this;
    }
}
