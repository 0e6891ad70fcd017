package dev.holdfast.lock.cli;

/** What the library logs: nothing, or everything of ours, to standard error. To be called before the first logger is made. */
final class Logging {

    private static final String LEVEL = "org.slf4j.simpleLogger.";

    private Logging() {}

    static void configure(boolean verbose) {
        // What gRPC says of itself is of no use here.
        java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.OFF);
        System.setProperty(LEVEL + "logFile", "System.err");
        System.setProperty(LEVEL + "defaultLogLevel", verbose ? "warn" : "off");
        if (verbose) {
            System.setProperty(LEVEL + "log.dev.holdfast", "debug");
            System.setProperty(LEVEL + "showDateTime", "true");
            System.setProperty(LEVEL + "dateTimeFormat", "HH:mm:ss.SSS");
        }
    }
}
