package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import java.util.List;
import java.util.stream.Stream;

/**
 * Subjects that are compared in one setting.
 *
 * @param rounds how often
 */
record Block(Setting setting, int rounds, List<SubjectKind> subjects) {

    Block {
        subjects = List.copyOf(subjects);
    }

    static Block of(Setting setting, int rounds, SubjectKind... subjects) {
        return new Block(setting, rounds, List.of(subjects));
    }

    /**
     * @param round from 1
     */
    Stream<Measurement> round(int round) {
        return round > rounds
                ? Stream.empty()
                : subjects.stream().map(subject -> new Measurement(setting, subject, round));
    }
}
