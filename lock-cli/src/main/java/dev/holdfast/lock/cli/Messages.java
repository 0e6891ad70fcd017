package dev.holdfast.lock.cli;

/** What the program says of itself, in single lines on standard error; standard output belongs to the command. */
final class Messages {

    private Messages() {}

    static void warn(String text) {
        System.err.println("holdfast: " + printable(text));
    }

    /** Names and values of others may have line feeds, and what terminals take for orders or show in another order. */
    static String printable(String text) {
        return text.replaceAll("[\\p{gc=Cc}\\p{gc=Cf}\\p{gc=Zl}\\p{gc=Zp}]", "?");
    }
}
