package dev.holdfast.lock.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Thousands of worlds full of faults would log millions of warnings: silent while a test class runs, or from {@link #begin} on. */
final class QuietLogs implements BeforeAllCallback, AfterAllCallback {

    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("dev.holdfast.lock");

    private @Nullable Level before;

    static void begin() {
        LOGGER.setLevel(Level.OFF);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        before = LOGGER.getLevel();
        begin();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        LOGGER.setLevel(before);
    }
}
