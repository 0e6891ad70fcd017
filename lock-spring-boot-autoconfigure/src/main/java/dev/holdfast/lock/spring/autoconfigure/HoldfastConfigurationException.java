package dev.holdfast.lock.spring.autoconfigure;

import org.jspecify.annotations.Nullable;

/** A property with a value that cannot work. Shown by {@link HoldfastConfigurationFailureAnalyzer}. */
final class HoldfastConfigurationException extends IllegalArgumentException {

    private final String problem;
    private final String action;

    /** @param value as to be shown, so never a password */
    HoldfastConfigurationException(
            String property, String value, String reason, String action, @Nullable Throwable cause) {
        super(property + "=" + value + ": " + reason + ". " + action, cause);
        this.problem = "The property '" + property + "' has the value '" + value + "': " + reason;
        this.action = action;
    }

    String problem() {
        return problem;
    }

    String action() {
        return action;
    }
}
