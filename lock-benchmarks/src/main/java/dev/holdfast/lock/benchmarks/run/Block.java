package dev.holdfast.lock.benchmarks.run;

import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

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
     * One after the other, in the opposite order every other round: what heats up or fills up as time goes by does not favour one subject.
     *
     * @param round from 1
     */
    List<Measurement> round(int round) {
        if (round > rounds) {
            return List.of();
        }
        List<SubjectKind> order = new ArrayList<>(subjects);
        if (round % 2 == 0) {
            Collections.reverse(order);
        }
        return order.stream()
                .map(subject -> new Measurement(setting, subject, round))
                .toList();
    }
}
