package dev.holdfast.lock.benchmarks.worker;

import dev.holdfast.lock.benchmarks.subject.Subject;
import dev.holdfast.lock.benchmarks.subject.SubjectKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The sessions of a worker, which stay open from one measurement to the next. Not thread-safe. */
final class Sessions implements AutoCloseable {

    private final Map<Boolean, List<Subject>> open = new HashMap<>();

    /**
     * Opens what is missing.
     *
     * @param contended see {@link SubjectKind#open}
     */
    List<Subject> get(Assignment assignment, boolean contended, int count) {
        List<Subject> sessions = open.computeIfAbsent(contended, kind -> new ArrayList<>());
        sessions.addAll(IntStream.range(sessions.size(), count)
                .parallel()
                .mapToObj(session -> SubjectKind.of(assignment.subject()).open(assignment.address(), contended))
                .toList());
        return List.copyOf(sessions.subList(0, count));
    }

    @Override
    public void close() {
        open.values().stream().flatMap(List::stream).parallel().forEach(Subject::close);
    }
}
