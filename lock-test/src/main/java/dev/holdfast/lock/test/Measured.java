package dev.holdfast.lock.test;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Figures that tests measure, each a line {@code MEASURED name=value unit} in the log, for reports to gather. */
public final class Measured {

    private static final Logger log = LoggerFactory.getLogger(Measured.class);

    private Measured() {}

    public static void log(String name, long value, String unit) {
        log.info("MEASURED {}={} {}", name, value, unit);
    }

    public static void log(String name, Duration value) {
        log(name, value.toMillis(), "ms");
    }
}
