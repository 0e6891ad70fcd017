package dev.holdfast.sample.tutorial;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page whose code blocks are steps. The line before a block says what it is: the name of a file, where to insert it, or that its commands are
 * not run. Shell blocks without such a line are run, and a {@code text} block after one is what it prints.
 */
final class TutorialPage {

    private static final Pattern FILE = Pattern.compile("\\*\\*`([^`]+)`\\*\\*");
    private static final Pattern INSERT = Pattern.compile("In `([^`]+)`, (after|before) `([^`]+)`:");

    private final List<Step> steps = new ArrayList<>();

    private TutorialPage() {}

    static List<Step> read(Path page) throws IOException {
        TutorialPage tutorial = new TutorialPage();
        String before = "";
        String language = "";
        List<String> block = new ArrayList<>();
        for (String line : Files.readAllLines(page)) {
            if (line.startsWith("```") && language.isEmpty()) {
                language = line.substring(3);
            } else if (line.equals("```")) {
                tutorial.add(language, before, block);
                language = "";
                before = "";
                block.clear();
            } else if (!language.isEmpty()) {
                block.add(line);
            } else if (!line.isBlank()) {
                before = line;
            }
        }
        return tutorial.steps;
    }

    private void add(String language, String before, List<String> block) {
        Matcher file = FILE.matcher(before);
        Matcher insert = INSERT.matcher(before);
        if (before.startsWith("<!-- not run:")) {
            return;
        }
        if (file.matches()) {
            steps.add(new Step.Write(file.group(1), text(block)));
        } else if (insert.matches()) {
            steps.add(new Step.Insert(insert.group(1), insert.group(2).equals("after"), insert.group(3), text(block)));
        } else if (language.equals("sh")) {
            steps.add(new Step.Run(text(block), List.of(), false));
        } else if (language.equals("text")
                && last() instanceof Step.Run run
                && run.output().isEmpty()) {
            steps.set(
                    steps.size() - 1,
                    new Step.Run(run.commands(), List.copyOf(block), before.startsWith("<!-- varies")));
        } else {
            throw new IllegalArgumentException("Nobody knows what this block is for: \"" + before + "\" " + block);
        }
    }

    private Step last() {
        return steps.get(steps.size() - 1);
    }

    private static String text(List<String> block) {
        return String.join("\n", block) + "\n";
    }
}
