package dev.holdfast.lock.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code 30s}, {@code 500ms}, {@code 5m}, {@code 1h}, {@code PT30S}; a bare number means seconds, as in {@code etcdctl --ttl}. */
final class DurationConverter implements ITypeConverter<Duration> {

    /** Longer than any crontab is patient; a registry has no word for endless. */
    static final Duration LONGEST = Duration.ofDays(365);

    private static final Pattern SHORT = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)?");

    @Override
    public Duration convert(String text) {
        Duration duration = read(text);
        if (duration.compareTo(LONGEST) > 0) {
            throw new TypeConversionException("'" + text + "' is more than " + LONGEST.toDays() + " days");
        }
        return duration;
    }

    private static Duration read(String text) {
        Matcher matcher = SHORT.matcher(text);
        if (matcher.matches()) {
            String unit = matcher.group(2);
            long amount = Long.parseLong(matcher.group(1));
            return switch (unit == null ? "s" : unit) {
                case "ms" -> Duration.ofMillis(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                case "d" -> Duration.ofDays(amount);
                default -> Duration.ofSeconds(amount);
            };
        }
        try {
            Duration parsed = Duration.parse(text.toUpperCase(Locale.ROOT));
            if (!parsed.isNegative()) {
                return parsed;
            }
        } catch (DateTimeParseException neither) {
            // told below
        }
        throw new TypeConversionException("'" + text + "' is no duration; write 500ms, 30s, 5m, 1h or PT30S");
    }
}
