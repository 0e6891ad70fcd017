package dev.holdfast.lock.benchmarks.report;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.OptionalDouble;

/** Numbers as people read them: about three digits that count. */
final class Figures {

    private static final String NONE = "-";

    private Figures() {}

    static String plain(double value) {
        double size = Math.abs(value);
        int decimals = size >= 100 || value == Math.rint(value) ? 0 : size >= 10 ? 1 : size >= 2 ? 2 : 3;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    static String plain(OptionalDouble value) {
        return value.isPresent() ? plain(value.getAsDouble()) : NONE;
    }

    /** A bound, without more digits than it has. */
    static String limit(double bound) {
        return BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString();
    }

    /** Microseconds, in the unit that suits them. */
    static String micros(double micros) {
        if (micros >= 1_000_000) {
            return plain(micros / 1_000_000) + " s";
        }
        return micros >= 1_000 ? plain(micros / 1_000) + " ms" : plain(micros) + " µs";
    }

    static String micros(OptionalDouble micros) {
        return micros.isPresent() ? micros(micros.getAsDouble()) : NONE;
    }
}
