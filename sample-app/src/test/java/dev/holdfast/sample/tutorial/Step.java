package dev.holdfast.sample.tutorial;

import java.util.List;

/** What a block of the page asks for. */
sealed interface Step {

    /** A file as a whole. */
    record Write(String file, String text) implements Step {}

    /** Lines put before or after the first line of a file that contains a text. */
    record Insert(String file, boolean after, String anchor, String text) implements Step {}

    /** Commands, and the lines they print; {@code varies} if those are an example. */
    record Run(String commands, List<String> output, boolean varies) implements Step {}
}
