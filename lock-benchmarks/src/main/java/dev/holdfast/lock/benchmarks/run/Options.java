package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the command line asks for.
 *
 * @param rounds at most so many of the plan's
 * @param only scenarios to measure
 * @param subjects to measure, all if empty
 * @param warmUp instead of the plan's
 * @param planOnly print the plan and end
 * @param otherJdk home of a JDK that has virtual threads, if the running one does not
 */
record Options(
        boolean quick,
        boolean planOnly,
        int rounds,
        Optional<WarmUp> warmUp,
        Set<Scenario> only,
        Set<SubjectKind> subjects,
        Optional<Path> otherJdk,
        Path directory) {

    static Options parse(String... args) {
        boolean quick = false;
        boolean planOnly = false;
        int rounds = Integer.MAX_VALUE;
        Optional<WarmUp> warmUp = Optional.empty();
        Set<Scenario> only = EnumSet.allOf(Scenario.class);
        Set<SubjectKind> subjects = Set.of();
        Optional<Path> otherJdk = Optional.empty();
        Path directory = Path.of("lock-benchmarks", "target", "bench");
        for (Iterator<String> each = List.of(args).iterator(); each.hasNext(); ) {
            String option = each.next();
            switch (option) {
                case "--quick" -> quick = true;
                case "--plan" -> planOnly = true;
                case "--rounds" -> rounds = Integer.parseInt(value(each, option));
                case "--warm-up" -> {
                    int seconds = Integer.parseInt(value(each, option));
                    warmUp = Optional.of(WarmUp.seconds(seconds, seconds));
                }
                case "--only" -> only = words(each, option).map(Scenario::of).collect(Collectors.toSet());
                case "--subjects" ->
                    subjects = words(each, option).map(SubjectKind::of).collect(Collectors.toSet());
                case "--jdk" -> otherJdk = Optional.of(Path.of(value(each, option)));
                case "--directory" -> directory = Path.of(value(each, option));
                default ->
                    throw new IllegalArgumentException(
                            "unknown option: " + option
                                    + "; there are --quick, --plan, --rounds N, --warm-up SECONDS, --only SCENARIO[,..], --subjects SUBJECT[,..], --jdk HOME, --directory DIR");
            }
        }
        return new Options(quick, planOnly, rounds, warmUp, only, subjects, otherJdk, directory);
    }

    private static Stream<String> words(Iterator<String> rest, String option) {
        return Stream.of(value(rest, option).split(","));
    }

    private static String value(Iterator<String> rest, String option) {
        if (!rest.hasNext()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return rest.next();
    }
}
