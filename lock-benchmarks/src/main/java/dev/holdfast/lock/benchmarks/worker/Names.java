package dev.holdfast.lock.benchmarks.worker;

import dev.holdfast.lock.benchmarks.subject.NamedLock;
import dev.holdfast.lock.benchmarks.subject.Subject;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Which name a thread asks for next. Not thread-safe: each thread has one. */
final class Names {

    /** Enough that a release has ended before its name has its turn again, also if nobody waited for that. */
    private static final int OWN_NAMES = 16;

    private static final int MOST_THREADS = 2_048;

    private final Assignment assignment;
    private final Subject subject;
    private final int thread;
    private final SplittableRandom random;
    private final Map<Integer, Named> known = new HashMap<>();
    private int turn;

    Names(Assignment assignment, Subject subject, int thread) {
        this.assignment = assignment;
        this.subject = subject;
        this.thread = thread;
        random = new SplittableRandom(assignment.jvm() * 1_000_003L + thread);
    }

    /** A lock and its place in the {@link ExclusionFile}. */
    record Named(int slot, NamedLock lock) {}

    static int slots(Assignment assignment, int jvms) {
        return assignment.names() > 0 ? assignment.names() : jvms * MOST_THREADS * OWN_NAMES;
    }

    Named next() {
        return known.computeIfAbsent(nextSlot(), slot -> new Named(slot, subject.lock(assignment.prefix() + slot)));
    }

    /** Nobody asks for a name again. */
    void retire() {
        known.values().forEach(each -> each.lock().retire());
    }

    private int nextSlot() {
        if (assignment.names() == 1) {
            return 0;
        }
        if (assignment.names() > 1) {
            return random.nextInt(assignment.names());
        }
        turn = (turn + 1) % OWN_NAMES;
        return (assignment.jvm() * MOST_THREADS + thread) * OWN_NAMES + turn;
    }
}
