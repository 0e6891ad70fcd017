package dev.holdfast.lock.benchmarks.subject;

import java.util.concurrent.CompletableFuture;

/** One lock as one thread uses it. Not thread-safe. What goes wrong with a peer, whatever it is, ends the measurement. */
public interface NamedLock {

    /** Waits as long as it takes. */
    void acquire() throws Exception;

    /** Releases what the same thread acquired last. */
    void release() throws Exception;

    /** The thread will not ask again: gives up what only this lock needs. */
    default void retire() {}

    /** Asks without a thread that waits; what was asked for is never released. */
    default CompletableFuture<?> acquireAsync() {
        throw new UnsupportedOperationException("This subject needs a thread for each wait");
    }
}
