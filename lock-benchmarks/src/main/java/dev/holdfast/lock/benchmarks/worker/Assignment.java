package dev.holdfast.lock.benchmarks.worker;

import java.util.List;

/**
 * What one worker process does.
 *
 * @param subject label of a {@link dev.holdfast.lock.benchmarks.subject.SubjectKind}
 * @param address of the server, as the subject understands it
 * @param serverPids processes whose CPU time belongs to the server; empty if another worker reads it
 * @param metrics where etcd tells its metrics; empty for other servers
 * @param jvm number of this worker among those that measure together, from 0
 * @param sessionPerThread whether each thread connects for itself, as a process of its own would
 * @param prefix of all names, so that nothing that an earlier measurement left behind is in the way
 * @param names how many names all threads share; 0: each thread takes turns with a few names of its own
 * @param amount locks to hold, or waits to begin
 * @param exclusion file that all workers of this measurement map
 */
public record Assignment(
        Task task,
        String subject,
        String address,
        List<Long> serverPids,
        String metrics,
        int jvm,
        int threads,
        boolean virtual,
        boolean sessionPerThread,
        String prefix,
        int names,
        int amount,
        long warmUpMillis,
        long windowMillis,
        String exclusion) {

    /** The three things a worker can do. */
    public enum Task {
        /** Acquire and release, again and again. */
        CYCLE,
        /** Hold an amount of locks and look what that costs. */
        HOLD,
        /** Begin an amount of waits for names that stay taken and look what that costs. */
        WAIT
    }
}
