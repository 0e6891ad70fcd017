package dev.holdfast.lock.benchmarks.subject;

/** A client of some lock service, one session of it where it has sessions. Thread-safe. */
public interface Subject extends AutoCloseable {

    /** A lock for use by one thread. */
    NamedLock lock(String name);

    @Override
    void close();
}
