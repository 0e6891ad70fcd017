package dev.holdfast.lock.cli;

/** What the program says of itself, in single lines on standard error; standard output belongs to the command. */
final class Messages {

    private Messages() {}

    static void warn(String text) {
        System.err.println("holdfast: " + printable(text));
    }

    /** Names and values of others may have line feeds and what terminals take for orders. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
