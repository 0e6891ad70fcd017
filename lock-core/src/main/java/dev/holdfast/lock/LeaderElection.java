package dev.holdfast.lock;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * An election by name: of all candidates, the one that came first leads until it resigns, dies or is cut off, then the next. Each
 * candidate has a value, a text of at most 64 KiB that says who or where it is, as in {@code etcdctl elect}; it is stored as it is, so
 * {@link LockOptions#metadata()} is not. Immutable and thread-safe.
 *
 * <p>Methods that ask etcd throw {@link LockUnavailableException} when it does not answer in time and {@link IllegalStateException} when
 * the registry is closed. A value that is too long or not valid Unicode is an {@link IllegalArgumentException}.
 */
public interface LeaderElection {

    String name();

    /**
     * Stands as a candidate until elected, at most {@link LockOptions#waitTime()}. For one term; {@link #stand} stays a candidate.
     *
     * @throws LockNotAcquiredException if others led until the wait ended; no candidate is left behind
     * @throws InterruptedException if interrupted while waiting; no candidate is left behind
     */
    Leadership campaign(String value) throws InterruptedException;

    /** As {@link #campaign(String)} with a wait of its own; empty if others led until it ended. */
    Optional<Leadership> campaign(String value, Duration wait) throws InterruptedException;

    /**
     * Stays a candidate until the candidacy or the registry is closed: when elected the listener is told, when leadership ends it is
     * told that too, and then it is a candidate again, with the same value. Trouble with etcd is waited out. {@link
     * LockRegistry#stopAccepting()} lets it stand or lead, but not stand again.
     */
    Candidacy stand(String value, LeadershipListener listener);

    /**
     * Who leads now, by one read; empty if nobody does. The future completes on the registry's callback executor, and fails with {@link
     * LockUnavailableException} when etcd does not answer in time.
     */
    CompletableFuture<Optional<Leader>> leader();

    /**
     * Tells who leads, at once and whenever the leader or its value changes, the last state of several quick changes; on the registry's
     * callback executor, one call at a time. While etcd cannot be reached it tells nothing. What the observer throws is logged and
     * ignored. Close to end it; so does closing the registry.
     */
    Observation observe(Consumer<Optional<Leader>> observer);

    /**
     * Who leads.
     *
     * @param value what the leader says of itself
     * @param term fencing token of its leadership: grows with every election
     */
    record Leader(String value, long term) {}

    /**
     * A lasting candidacy. Thread-safe. {@link #resign()}, {@link #close()} and {@link Leadership#release()} of its terms wait until the
     * listener was told and the key is gone, at most the registry's close timeout; after that, and always when called by the
     * listener itself, the rest goes on in the background, in the same order. An interrupt does not abort them.
     */
    interface Candidacy extends AutoCloseable {

        /**
         * Whether this candidate leads now; as {@link LockHandle#isHeld()}, false before anybody else can be elected. Does not wait for
         * the listener: true before {@code elected} and false before {@code revoked} is called.
         */
        boolean isLeader();

        /** The present leadership; empty if it does not lead now. */
        Optional<Leadership> leadership();

        /** Gives up leadership, if any, and is a candidate again behind those who wait. Does nothing while it does not lead. */
        void resign();

        /** Resigns, tells the listener, and is a candidate no more. Idempotent. */
        @Override
        void close();
    }

    /** A running observation. Closing it ends the calls; one that runs is not waited for. Idempotent. */
    interface Observation extends AutoCloseable {

        @Override
        void close();
    }
}
