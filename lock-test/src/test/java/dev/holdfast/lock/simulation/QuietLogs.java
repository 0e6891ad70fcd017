package dev.holdfast.lock.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Thousands of worlds full of faults would log millions of warnings. */
final class QuietLogs {

    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.holdfast.lock");
    private final @Nullable Level before = logger.getLevel();

    private QuietLogs() {
        logger.setLevel(Level.OFF);
    }

    static QuietLogs begin() {
        return new QuietLogs();
    }

    void end() {
        logger.setLevel(before);
    }
}
