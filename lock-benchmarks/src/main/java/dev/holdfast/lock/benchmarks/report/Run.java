package dev.holdfast.lock.benchmarks.report;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * All there is to report on: the measurements, where they were taken, and what JMH says of the local parts.
 *
 * @param failures what could not be measured, and why
 */
record Run(Results results, Environment environment, LocalCosts local, List<String> failures) {

    /** The median of a metric of a subject in the one setting that has these sizes. */
    Measured median(String subject, Setting asked, String metric, Platform platform) {
        Results fitting = results.of(subject).at(asked).on(platform);
        if (fitting.settings().size() > 1) {
            return new Measured.Missing("several settings fit: " + fitting.settings());
        }
        return fitting.median(metric).stream()
                .mapToObj(Measured::value)
                .findFirst()
                .orElseGet(() -> new Measured.Missing(why(subject, asked, metric, platform)));
    }

    /** The same of a peer, on another platform where this one was not measured; a remark says so. */
    Measured peer(String subject, Setting asked, String metric, Platform platform) {
        Measured here = median(subject, asked, metric, platform);
        if (here instanceof Measured.Value
                || !results.of(subject).at(asked).on(platform).isEmpty()) {
            return here;
        }
        return results.of(subject).at(asked).platforms().stream()
                .findFirst()
                .map(other -> median(subject, asked, metric, other).remark(subject + " on " + other))
                .orElse(here);
    }

    private String why(String subject, Setting asked, String metric, Platform platform) {
        if (results.of(subject).isEmpty()) {
            return environment.leftOut().getOrDefault(subject, subject + " was not part of the run");
        }
        return results.of(subject).at(asked).on(platform).isEmpty()
                ? subject + " was not run at " + asked + " on " + platform
                : subject + " has no " + metric + " there";
    }

    /** Peers without any measurement, and what failed, each with the reason. */
    List<String> absentees() {
        Stream<String> peers = Arrays.stream(Subject.values())
                .map(Subject::id)
                .filter(id -> results.of(id).isEmpty())
                .map(id ->
                        id + ": not measured (" + environment.leftOut().getOrDefault(id, "not part of the run") + ")");
        return Stream.concat(peers, failures.stream().distinct()).toList();
    }
}
