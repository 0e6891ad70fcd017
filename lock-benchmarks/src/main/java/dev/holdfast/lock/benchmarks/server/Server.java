package dev.holdfast.lock.benchmarks.server;

import java.util.List;

/** A running server, or a cluster of them. {@link #close()} ends it and deletes its data. */
public interface Server extends AutoCloseable {

    /** As the subjects for it understand it. */
    String address();

    /** The processes whose descendants do all the work. */
    List<Long> pids();

    /** Where etcd tells its metrics; empty for others. */
    default String metrics() {
        return "";
    }

    @Override
    void close();
}
